import type { JsonObject } from "../schema/json.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf, textOf } from "./columns.ts";
import { notText } from "./exchange.ts";
import type { Format, Reading } from "./format.ts";
import { given, refuse } from "./reading.ts";

/**
 * Two answers, and the number of the better one: the rows of judges' benchmarks.
 *
 * @see {@link https://github.com/princeton-nlp/LLMBar | LLMBar}
 */
export const goldChoice: Format = {
  name: "gold-choice",
  title: "two numbered answers and the number of the better one",
  kinds: ["preference"],
  lossless: false,
  readers: [],
  file: "json",
  weight: "materialises",

  detect(sample) {
    if (!mostRows(sample, (row) => isNumbered(row) && choiceOf(row) !== undefined)) return undefined;
    return { reason: `the rows hold ${quoted([...answers, "label"])}, which names the better one`, specificity: 75 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context);
    return row === undefined ? noObject : readChoice(row);
  },
};

const answers = ["output_1", "output_2"] as const;
const questions = ["input", "prompt", "question", "instruction"] as const;

function isNumbered(row: JsonObject): boolean {
  return answers.every((answer) => textOf(row[answer]) !== undefined) && firstOf(row, questions) !== undefined;
}

function choiceOf(row: JsonObject): "1" | "2" | undefined {
  const choice = textOf(row["label"]);
  return choice === "1" || choice === "2" ? choice : undefined;
}

function readChoice(row: JsonObject): Reading {
  const question = firstOf(row, questions);
  if (question === undefined) return refuse("incomplete", `there is no question (${quoted(questions)})`);
  for (const column of [...answers, "label"])
    if (firstOf(row, [column]) === undefined) return refuse("incomplete", `there is no ${quoted([column])}`);
  const asked = textOf(row[question]);
  const [one, other] = [textOf(row["output_1"]), textOf(row["output_2"])];
  const choice = choiceOf(row);
  if (asked === undefined) return notText(question);
  if (one === undefined) return notText("output_1");
  if (other === undefined) return notText("output_2");
  if (choice === undefined) return refuse("shape", "`label` is neither 1 nor 2");
  const [chosen, rejected] = choice === "1" ? [one, other] : [other, one];
  return given({
    kind: "preference",
    prompt: [{ role: "user", content: asked }],
    chosen: [{ role: "assistant", content: chosen }],
    rejected: [{ role: "assistant", content: rejected }],
    ...describe(row, [question, ...answers, "label"]),
  });
}
