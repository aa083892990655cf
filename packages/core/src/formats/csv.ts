import { kinds } from "../schema/content.ts";
import { isTextTable } from "../schema/file-kind.ts";
import type { Format } from "./format.ts";
import { detectFlat, readFlat } from "./flat-read.ts";
import { filledColumns, flatColumns, writeFlat } from "./flat-write.ts";

/** The house row of flat columns as a table; nested values are JSON text. */
export const csv: Format = {
  name: "csv",
  title: "one flat row an example, as a table",
  kinds,
  lossless: false,
  readers: ["pandas", "spreadsheets"],
  file: "csv",
  weight: "carries",
  settings: ["columns"],
  detect: (sample) => (isTextTable(sample.fileKind) ? detectFlat(sample) : undefined),
  read: readFlat,
  write: writeFlat,
  needs: filledColumns,
  columns: flatColumns,
};
