import type { FileKind } from "../schema/file-kind.ts";
import { detectTable, readTable } from "./csv.ts";
import { tabStyle, writeCsv } from "./csv-write.ts";

/**
 * Tables with tabs between the cells, whatever else they hold.
 *
 * A cell is quoted only if its closing quote ends it; any other quote is text, also at the start of a cell: `"Yes," he said`. Else as `csv`.
 *
 * @see {@link https://www.iana.org/assignments/media-types/text/tab-separated-values | IANA, text/tab-separated-values}, which knows no quotes
 */
export const tsv: FileKind = {
  name: "tsv",
  extension: "tsv",
  detect: (head) => detectTable(head, ["\t"]),
  read: (source, options) => readTable(source, options, ["\t"]),
  write: (rows, options) => writeCsv(rows, options, tabStyle),
};
