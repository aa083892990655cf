import { TilthError } from "../errors.ts";

/** What the writer says of a failure: it crosses the thread as plain values and never holds a row's content. */
export interface Failure {
  readonly code: FailureCode;
  /** In SQLite's or our own words: names of tables, columns and rules, never values. */
  readonly reason: string;
  readonly details?: Readonly<Record<string, string | number>>;
}

type FailureCode =
  | "storage/not-a-pool"
  | "storage/not-writable"
  | "storage/newer-schema"
  | "storage/damaged"
  | "storage/busy"
  | "storage/full"
  | "storage/io"
  | "storage/refused"
  | "storage/failed"
  | "dataset/not-found"
  | "storage/writer-stopped"
  | "storage/closed";

/** A failure on its way through the writer, which knows the pool but not its path. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

/** Primary result codes of SQLite. @see {@link https://www.sqlite.org/rescode.html} */
const codeOf: ReadonlyMap<number, FailureCode> = new Map<number, FailureCode>([
  [5, "storage/busy"],
  [6, "storage/busy"],
  [8, "storage/not-writable"],
  [10, "storage/io"],
  [11, "storage/damaged"],
  [13, "storage/full"],
  [14, "storage/not-writable"],
  [19, "storage/refused"],
  [20, "storage/refused"],
  [23, "storage/not-writable"],
  [26, "storage/not-a-pool"],
]);

/** Reads a failure off whatever was thrown by SQLite or by our own code. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  if (isSqliteError(error)) {
    const code = codeOf.get(error.errcode & 0xff) ?? "storage/failed";
    // Only a refusal's own text names the rule that was broken; it names columns, not values.
    return { code, reason: code === "storage/refused" ? error.message : error.errstr };
  }
  if (error instanceof TypeError) return { code: "storage/failed", reason: error.message };
  // Messages of other errors can quote what they were about, as those of JSON do.
  return { code: "storage/failed", reason: `an unexpected ${error instanceof Error ? error.name : "failure"}` };
}

/** A dataset that an options object names and the pool does not have. */
export function noDataset(dataset: string): FailureError {
  const hint = "Make it first, or check the spelling.";
  return new FailureError({ code: "dataset/not-found", reason: "there is no such dataset", details: { dataset, hint } });
}

/** The error that callers see. `busy` says that the same call may succeed later. */
export function storageError(path: string, failure: Failure, cause?: unknown): TilthError<FailureCode> {
  const { code, reason, details } = failure;
  const retryable = code === "storage/busy" ? { retryable: true } : {};
  return new TilthError(
    code,
    { found: "", known: "", dataset: "", hint: "", ...details, ...retryable, path, reason },
    cause === undefined ? {} : { cause },
  );
}

/** Failures that a single unit causes; the others hit every unit of its group alike. */
export function isOfOneUnit(failure: Failure): boolean {
  return failure.code === "storage/refused" || failure.code === "storage/failed" || failure.code === "dataset/not-found";
}

interface SqliteError extends Error {
  readonly errcode: number;
  readonly errstr: string;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" && "errstr" in error;
}
