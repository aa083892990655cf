import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { describe, mostRows, noObject, quoted, rowOf, textOf } from "./columns.ts";
import { turns } from "./exchange.ts";
import type { Format, Reading } from "./format.ts";
import { given, isList, refuse } from "./reading.ts";

/**
 * FastChat's benchmark files: questions (`turns`) in one file, answers (`choices`) in another. One without the other is no example, so
 * their rows are refused as `incomplete`; rows in which somebody joined both are chats. A `reference` is a note for judges and no answer.
 *
 * @see {@link https://github.com/lm-sys/FastChat/tree/main/fastchat/llm_judge | FastChat, LLM judge}
 */
export const mtBench: Format = {
  name: "mt-bench",
  title: "FastChat's benchmark questions and answers",
  kinds: ["chat"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    if (!mostRows(sample, (row) => "question_id" in row && (questionsOf(row) ?? answersOf(row)) !== undefined)) return undefined;
    const columns = ["turns", "choices"].filter((column) => mostRows(sample, (row) => column in row));
    return { reason: `the rows hold ${quoted(["question_id", ...columns])}, as FastChat's benchmarks do`, specificity: 60 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["turns", "choices"]);
    return row === undefined ? noObject : readRow(row);
  },
};

function readRow(row: JsonObject): Reading {
  const questions = questionsOf(row);
  const answers = answersOf(row);
  if (questions === undefined && answers === undefined) return refuse("shape", "the row holds neither `turns` nor `choices`");
  if (questions === undefined) return refuse("incomplete", "there are answers, but no questions");
  if (answers === undefined) return refuse("incomplete", "there are questions, but no answers");
  if (questions.length !== answers.length) return refuse("incomplete", "there are more questions than answers, or fewer");
  const pairs = questions.map((question, turn) => [question, answers[turn] ?? ""] as const);
  return given({ kind: "chat", messages: turns(undefined, pairs), ...describe(row, ["turns", "choices"]) });
}

function questionsOf(row: JsonObject): readonly string[] | undefined {
  return textsOf(row["turns"]);
}

/** The answers of the first choice. */
function answersOf({ choices }: JsonObject): readonly string[] | undefined {
  const [first]: readonly (Json | undefined)[] = isList(choices) ? choices : [];
  return isJsonObject(first) ? textsOf(first["turns"]) : undefined;
}

function textsOf(value: Json | undefined): readonly string[] | undefined {
  if (!isList(value) || value.length === 0) return undefined;
  const texts = value.map(textOf).filter((text) => text !== undefined);
  return texts.length === value.length ? texts : undefined;
}
