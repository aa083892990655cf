import type { JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { describe, firstOf, noObject, quoted, rowOf, textOf } from "./columns.ts";
import { notText, turns } from "./exchange.ts";
import type { Format, Reading, Sample } from "./format.ts";
import { given, refuse } from "./reading.ts";
import { asChat, chatLosses, messageLosses, plainExchange } from "./render.ts";

/**
 * Document 3's INSTRUCTION rows: `instruction` is the system prompt, `input` the question, `output` the answer.
 *
 * The keys are Alpaca's, the meaning is not. A file is taken for these where hardly more than one instruction stands in it, with an input
 * in each row: a system prompt is the same everywhere, a task is not.
 */
export const instruction: Format = {
  name: "instruction",
  title: "document 3's system prompt, question and answer",
  kinds: ["chat", "classification", "extraction"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    const share = commonest(sample);
    if (share === undefined || share < 0.8) return undefined;
    const percent = Math.floor(share * 100);
    return { reason: `one ${quoted(["instruction"])} stands in ${percent} % of the rows, as a system prompt does`, specificity: 65 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context);
    return row === undefined ? noObject : readInstructed(row);
  },

  write(example, options) {
    const rendered = asChat(example, options.render);
    if (rendered === undefined) return { refused: "kind" };
    const exchange = plainExchange(rendered.chat);
    if (typeof exchange === "string") return { refused: exchange };
    const losses = [
      ...rendered.losses,
      ...messageLosses(rendered.chat.messages, ["weight", "reasoning", "parts"]),
      ...chatLosses(rendered.chat, ["context", "reference"]),
    ];
    return { rows: [{ instruction: exchange.system ?? "", input: exchange.question, output: exchange.answer }], losses };
  },
};

const leastInputs = 5;

/** The share of rows that hold the commonest instruction; absent where too few rows have an input to tell. */
function commonest({ rows }: Sample): number | undefined {
  const told = rows.filter(
    (row): row is JsonObject => isJsonObject(row) && typeof row["instruction"] === "string" && textOf(row["output"]) !== undefined,
  );
  if (told.filter(({ input }) => typeof input === "string" && input !== "").length < leastInputs) return undefined;
  const counts = new Map<unknown, number>();
  for (const row of told) counts.set(row["instruction"], (counts.get(row["instruction"]) ?? 0) + 1);
  return Math.max(...counts.values()) / rows.length;
}

function readInstructed(row: JsonObject): Reading {
  for (const column of ["input", "output"])
    if (firstOf(row, [column]) === undefined) return refuse("incomplete", `there is no ${quoted([column])}`);
  const system = textOf(row["instruction"] ?? "");
  const question = textOf(row["input"]);
  const answer = textOf(row["output"]);
  if (system === undefined) return notText("instruction");
  if (question === undefined) return notText("input");
  if (answer === undefined) return notText("output");
  return given({ kind: "chat", messages: turns(system, [[question, answer]]), ...describe(row, ["instruction", "input", "output"]) });
}
