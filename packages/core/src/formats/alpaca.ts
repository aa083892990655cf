import type { Message } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf, textOf, unpacked } from "./columns.ts";
import { notText, turns } from "./exchange.ts";
import type { Format, Reading, Refused } from "./format.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import { asChat, chatLosses, messageLosses, plainExchange } from "./render.ts";

/**
 * Stanford Alpaca's rows: `instruction` is the task, `input` further material for it, `output` (or `response`) the answer.
 *
 * The user's words are the instruction and the input with a line feed between them, as LLaMA-Factory trains them.
 *
 * @see {@link https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md | LLaMA-Factory, alpaca format}
 */
export const alpaca: Format = {
  name: "alpaca",
  title: "Alpaca's instruction, input and output",
  kinds: ["chat", "classification", "extraction"],
  lossless: false,
  readers: ["llama-factory", "axolotl"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    for (const answer of answers) {
      if (!mostRows(sample, (row) => isTask(row) && textOf(row[answer]) !== undefined)) continue;
      const columns = mostRows(sample, (row) => "input" in row) ? ["instruction", "input", answer] : ["instruction", answer];
      return { reason: `the rows hold ${quoted(columns)}`, specificity: 60 };
    }
    return undefined;
  },

  read(foreign, context) {
    const row = rowOf(foreign, context);
    return row === undefined ? noObject : readTask(row);
  },

  write(example, options) {
    const rendered = asChat(example, options.render);
    if (rendered === undefined) return { refused: "kind" };
    const { chat } = rendered;
    const exchange = plainExchange(chat);
    if (typeof exchange === "string") return { refused: exchange };
    const row: Draft<JsonObject> = { instruction: exchange.question, input: "", output: exchange.answer };
    if (options.needs.has("system")) row["system"] = exchange.system ?? "";
    return {
      rows: [row],
      losses: [
        ...rendered.losses,
        ...messageLosses(chat.messages, ["weight", "reasoning", "parts"]),
        ...chatLosses(chat, ["context", "reference"]),
      ],
    };
  },

  needs(example) {
    return example.kind === "chat" && example.messages[0]?.role === "system" ? ["system"] : [];
  },
};

const answers = ["output", "response"] as const;

/** A verdict beside the task makes a rating of it: read as a chat, bad answers would be trained on. */
function isTask(row: JsonObject): boolean {
  return typeof row["instruction"] === "string" && !("kto_tag" in row);
}

function readTask(row: JsonObject): Reading {
  const answer = firstOf(row, answers);
  if (firstOf(row, ["instruction"]) === undefined) return refuse("incomplete", `there is no ${quoted(["instruction"])}`);
  if (answer === undefined)
    return refuse("incomplete", `there is ${quoted(["instruction"])}, but neither ${answers.map((name) => quoted([name])).join(" nor ")}`);
  const output = textOf(row[answer]);
  const asked = askedBy(row);
  if ("refused" in asked) return asked;
  if (output === undefined) return notText(answer);
  const taken = ["instruction", "input", answer, "history", ...(textOf(row["system"]) === undefined ? [] : ["system"])];
  return given({ kind: "chat", messages: [...asked, { role: "assistant", content: output }], ...describe(row, taken) });
}

/** The messages before the answer: system prompt, history, and the task with its material as the user's words. */
export function askedBy(row: JsonObject): readonly Message[] | Refused {
  const instruction = textOf(row["instruction"]);
  if (instruction === undefined) return notText("instruction");
  const input = textOf(row["input"] ?? "");
  if (input === undefined) return notText("input");
  const history = pairsOf(unpacked(row["history"] ?? []));
  if (history === undefined) return refuse("shape", "`history` is no list of questions with answers");
  const question = input === "" ? instruction : instruction === "" ? input : `${instruction}\n${input}`;
  return [...turns(textOf(row["system"]), history), { role: "user", content: question }];
}

/** Earlier turns as `[question, answer]` pairs. */
function pairsOf(history: Json): readonly (readonly [string, string])[] | undefined {
  if (history === "") return [];
  if (!isList(history)) return undefined;
  const pairs: [string, string][] = [];
  for (const turn of history) {
    if (!isList(turn) || turn.length !== 2) return undefined;
    const [question, answer] = [textOf(turn[0]), textOf(turn[1])];
    if (question === undefined || answer === undefined) return undefined;
    pairs.push([question, answer]);
  }
  return pairs;
}
