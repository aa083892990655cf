/** How an operation is asked for over HTTP. The table of all of them, `routes.ts`, is generated from the operations. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Relative to `/api/training-data`, with `:name` where a member of the input stands. */
  readonly path: string;
  /** Members with which it changes something: it comes with POST then. */
  readonly changesWith?: readonly string[];
  readonly body: "json" | "stream" | "none";
  /** The place of the path that names the dataset of the input's `version`. */
  readonly datasetOfVersion?: string;
  /** Members that name places of the server's machine: nobody names these from elsewhere. */
  readonly withheld?: readonly string[];
  /** The server does it in the background, with progress. */
  readonly runs?: "job";
  readonly readOnly: boolean;
  /** Done twice, it has the effect of once. */
  readonly idempotent: boolean;
  /** The answer holds a secret that is shown once. */
  readonly isSecret?: true;
}
