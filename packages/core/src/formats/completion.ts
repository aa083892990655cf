import type { Format } from "./format.ts";
import { readTextRow, writeTextRow } from "./text-rows.ts";

/** Document 3's COMPLETION rows. Read when named: `trl-text` recognises the same rows. */
export const completion: Format = {
  name: "completion",
  title: "document 3's rows of text",
  kinds: ["text"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "materialises",
  read: readTextRow,
  write: writeTextRow,
};
