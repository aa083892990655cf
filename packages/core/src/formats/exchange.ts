import type { Message } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { describe, firstOf, quoted, textOf } from "./columns.ts";
import type { Reading, Refused } from "./format.ts";
import { systemColumns } from "./messages.ts";
import { given, refuse } from "./reading.ts";

/** Columns that hold what is asked; the first that a row fills is taken. */
export const questionColumns = ["question", "query", "input", "prompt"] as const;

/** Columns that hold the answer. */
export const answerColumns = ["answer", "response", "output"] as const;

/** Reads a row with a question and an answer, whatever their columns are called. Empty text is read: a rule refuses it by its name. */
export function readExchange(row: JsonObject): Reading {
  const question = firstOf(row, questionColumns);
  const answer = firstOf(row, answerColumns);
  if (question === undefined && answer === undefined) {
    return refuse("shape", `the row holds no question (${quoted(questionColumns)}) and no answer (${quoted(answerColumns)})`);
  }
  if (question === undefined) return refuse("incomplete", `there is ${quoted([answer ?? ""])}, but no question`);
  if (answer === undefined) return refuse("incomplete", `there is ${quoted([question])}, but no answer`);
  const asked = textOf(row[question]);
  const said = textOf(row[answer]);
  if (asked === undefined) return notText(question);
  if (said === undefined) return notText(answer);
  const system = firstOf(row, systemColumns);
  const instructed = system === undefined ? undefined : textOf(row[system]);
  const messages = turns(instructed, [[asked, said]]);
  const taken = system === undefined || instructed === undefined ? [question, answer] : [question, answer, system];
  return given({ kind: "chat", messages, ...describe(row, taken) });
}

/** Messages of questions and answers in turn, with a system message before them where there is a text for it. */
export function turns(system: string | undefined, pairs: readonly (readonly [string, string])[]): readonly Message[] {
  const messages: Message[] = system === undefined || system === "" ? [] : [{ role: "system", content: system }];
  for (const [question, answer] of pairs) messages.push({ role: "user", content: question }, { role: "assistant", content: answer });
  return messages;
}

/** A column that should hold text and holds a list or an object. */
export function notText(column: string): Refused {
  return refuse("shape", `\`${column}\` is no text`);
}

/** The question and answer columns that rows fill, as a format's reason names them; absent where a row lacks one of both. */
export function exchangeColumns(row: JsonObject): readonly [string, string] | undefined {
  const question = questionColumns.find((column) => isScalar(row[column]));
  const answer = answerColumns.find((column) => isScalar(row[column]));
  return question === undefined || answer === undefined ? undefined : [question, answer];
}

function isScalar(value: Json | undefined): boolean {
  return textOf(value) !== undefined;
}
