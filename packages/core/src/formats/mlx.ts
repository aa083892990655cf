import type { Example } from "../schema/example.ts";
import { chatColumns, chatNeeds, readChat, writeTemplateChat } from "./chat-rows.ts";
import { firstOf, noObject, rowOf } from "./columns.ts";
import type { Format } from "./format.ts";
import { templateRendering } from "./render.ts";
import { isMixture, shapeNeed } from "./row-shape.ts";
import { readTextRow, writeTextRow } from "./text-rows.ts";
import { readPromptCompletion } from "./trl-prompt-completion.ts";

/**
 * A folder for MLX-LM: `train.jsonl`, `valid.jsonl` and `test.jsonl`, with rows of `messages` for chats and of `text` for texts.
 *
 * MLX-LM lets the first row decide for a whole file, so a folder holds rows of one kind. Read when named, in the order in which MLX-LM
 * recognises rows: `prompt` with `completion`, `messages`, `text`.
 *
 * @see {@link https://github.com/ml-explore/mlx-lm/blob/main/mlx_lm/LORA.md | MLX-LM, data}
 */
export const mlx: Format = {
  name: "mlx",
  title: "a folder of chats or texts for MLX-LM",
  kinds: ["chat", "text", "classification", "extraction"],
  lossless: false,
  readers: ["mlx-lm"],
  file: "jsonl",
  weight: "materialises",

  read(foreign, context) {
    const row = rowOf(foreign, context, chatColumns);
    if (row === undefined) return noObject;
    if (firstOf(row, ["prompt"]) !== undefined && firstOf(row, ["completion"]) !== undefined)
      return readPromptCompletion(foreign, context, "mlx");
    return firstOf(row, ["messages"]) === undefined ? readTextRow(foreign, context) : readChat(row, "mlx");
  },

  write(example, options) {
    if (isMixture(shapeOf(example), options.needs)) return { refused: "mixture" };
    return example.kind === "text" ? writeTextRow(example) : writeTemplateChat(example, options, templateRendering);
  },

  needs: (example) => [shapeNeed(shapeOf(example)), ...chatNeeds(example)],

  /** Without a split all rows are for training; the name of the second file is MLX-LM's own. */
  layout: (split) => ({ all: "train", validation: "valid" })[split] ?? split,
};

function shapeOf({ kind }: Example): "text" | "messages" {
  return kind === "text" ? "text" : "messages";
}
