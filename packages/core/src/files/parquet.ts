import type { FileKind } from "../schema/file-kind.ts";
import { readParquet } from "./parquet-read.ts";
import { writeParquet } from "./parquet-write.ts";

/**
 * Apache Parquet: columns with types, lists and structs in row groups, a table of contents at the end.
 *
 * Read and written a row group at a time. It is not text, so it is recognised by its first bytes alone.
 *
 * @see {@link https://parquet.apache.org/docs/file-format/ | Apache Parquet, file format}
 */
export const parquet: FileKind = {
  name: "parquet",
  extension: "parquet",
  mark: "PAR1",
  randomAccess: true,
  detect: () => undefined,
  read: readParquet,
  write: writeParquet,
};
