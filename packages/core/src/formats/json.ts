import { kinds } from "../schema/content.ts";
import { isTextTable } from "../schema/file-kind.ts";
import type { Format } from "./format.ts";
import { detectFlat, readFlat } from "./flat-read.ts";
import { filledColumns, flatColumns, writeFlat } from "./flat-write.ts";

/** The house row of flat columns in one JSON file, inside document 2's envelope. */
export const json: Format = {
  name: "json",
  title: "one flat row an example, as JSON",
  kinds,
  lossless: false,
  readers: ["pandas", "datasets"],
  file: "json",
  weight: "carries",
  settings: ["columns"],
  // Tables belong to `csv` and `parquet`, which read the same rows: so only one of them recognises a file.
  detect: (sample) => (isTextTable(sample.fileKind) || sample.fileKind === "parquet" ? undefined : detectFlat(sample)),
  read: readFlat,
  write: writeFlat,
  needs: filledColumns,
  columns: flatColumns,
  envelope: ({ dataset, version }) => ({ members: { dataset, version }, rowsKey: "examples" }),
};
