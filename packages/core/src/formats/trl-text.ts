import { mostRows, quoted, textOf } from "./columns.ts";
import type { Format } from "./format.ts";
import { readTextRow, writeTextRow } from "./text-rows.ts";

/**
 * Rows of `text` and nothing else. A text with other columns beside it is the house row, which keeps them.
 *
 * @see {@link https://huggingface.co/docs/trl/dataset_formats#language-modeling | TRL, language modeling}
 */
export const trlText: Format = {
  name: "trl-text",
  title: "TRL's rows of text for language modelling",
  kinds: ["text"],
  lossless: false,
  readers: ["trl", "unsloth", "axolotl"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    if (!mostRows(sample, (row) => textOf(row["text"]) !== undefined && Object.keys(row).length === 1)) return undefined;
    return { reason: `the rows hold ${quoted(["text"])} alone`, specificity: 20 };
  },

  read: readTextRow,
  write: writeTextRow,
};
