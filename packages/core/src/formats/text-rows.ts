import type { Example } from "../schema/example.ts";
import type { Json } from "../schema/json.ts";
import { describe, firstOf, noObject, rowOf, textOf } from "./columns.ts";
import { notText } from "./exchange.ts";
import type { ReadContext, Reading, Writing } from "./format.ts";
import { given, refuse } from "./reading.ts";

/** Reads a row of `text`, whatever its other columns. */
export function readTextRow(foreign: Json, context: ReadContext): Reading {
  const row = rowOf(foreign, context);
  if (row === undefined) return noObject;
  if (firstOf(row, ["text"]) === undefined) return refuse("incomplete", "there is no `text`");
  const text = textOf(row["text"]);
  return text === undefined ? notText("text") : given({ kind: "text", text, ...describe(row, ["text"]) });
}

/** Writes a text as a row of nothing else. */
export function writeTextRow(example: Example): Writing {
  return example.kind === "text" ? { rows: [{ text: example.text }] } : { refused: "kind" };
}
