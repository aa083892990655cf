/** How far a long operation has come. */
export interface Progress {
  /** What is being done, such as `reading posts.csv`. */
  readonly step: string;
  readonly done: number;
  /** Absent where the end is not known. */
  readonly total?: number;
  readonly unit: "bytes" | "rows" | "objects";
  /** More figures for the same line, such as `12,000 rows`. */
  readonly detail?: string;
}
