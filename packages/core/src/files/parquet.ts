import type { FileKind } from "../schema/file-kind.ts";

/**
 * Apache Parquet: columns with types, lists and structs in row groups, a table of contents at the end.
 *
 * Read and written a row group at a time. It is not text, so it is recognised by its first bytes alone. What reads and writes it is 60 files
 * large, and loaded when one is met.
 *
 * @see {@link https://parquet.apache.org/docs/file-format/ | Apache Parquet, file format}
 */
export const parquet: FileKind = {
  name: "parquet",
  extension: "parquet",
  mark: "PAR1",
  randomAccess: true,
  detect: () => undefined,
  async *read(source, options) {
    const { readParquet } = await import("./parquet-read.ts");
    yield* readParquet(source, options);
  },
  async *write(rows, options) {
    const { writeParquet } = await import("./parquet-write.ts");
    yield* writeParquet(rows, options);
  },
};
