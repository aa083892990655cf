import type { Labels } from "../schema/content.ts";
import type { JsonObject } from "../schema/json.ts";
import { mostRows, noObject, quoted, rowOf, textOf } from "./columns.ts";
import type { Place } from "./document-fields.ts";
import { describeWith, numberOf } from "./document-fields.ts";
import { readEntities } from "./entities.ts";
import { notText } from "./exchange.ts";
import type { Format, Reading } from "./format.ts";
import type { Draft } from "./reading.ts";
import { given, refuse } from "./reading.ts";

/**
 * Document 2's `TrainingExample`: a text with the labels and entities that a model should find in it, by themselves or in the envelope
 * `{ dataset, version, examples }`.
 *
 * Entities are tuples `[text, label, start, end]` or objects, see {@link readEntities}. A missing label is left to the rule of that name, a
 * confidence beyond 0 to 1 as well.
 */
export const documentIntent: Format = {
  name: "document-intent",
  title: "texts with expected intent, sentiment and entities, as document 2 keeps them",
  kinds: ["classification"],
  lossless: false,
  readers: [],
  file: "json",
  weight: "refuses",

  detect(sample) {
    const isExpected = (row: JsonObject, column: string): boolean =>
      textOf(row["text"]) !== undefined && "expected_intent" in row && column in row;
    const column = ["expected_sentiment", "expected_entities", "expected_persona"].find((name) =>
      mostRows(sample, (row) => isExpected(row, name)),
    );
    return column === undefined ? undefined : { reason: `the rows hold ${quoted(["text", "expected_intent", column])}`, specificity: 70 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context);
    return row === undefined ? noObject : readExpected(row);
  },
};

const labelColumns = [
  ["intent", "expected_intent"],
  ["sentiment", "expected_sentiment"],
  ["persona", "expected_persona"],
] as const;

function readExpected(row: JsonObject): Reading {
  const text = textOf(row["text"]);
  if (row["text"] === undefined || row["text"] === null) return refuse("incomplete", "there is no `text`");
  if (text === undefined) return notText("text");
  const labels: Draft<Labels> = {};
  const taken = ["text", "expected_entities"];
  for (const [member, column] of labelColumns) {
    const label = textOf(row[column]);
    if (label === undefined) continue;
    labels[member] = label;
    taken.push(column);
  }
  const entities = readEntities(row["expected_entities"] ?? [], text);
  if (entities === undefined) return refuse("shape", "`expected_entities` is no list of entities");
  const described = describeWith(row, { confidence }, taken);
  return given({ kind: "classification", text, labels, entities: entities.spans, ...described }, entities.remarks);
}

/** Any number: what is beyond the range is a finding, not a reason to forget it. */
const confidence: Place = (described, value) => {
  const number = numberOf(value);
  if (number === undefined) return false;
  described.confidence = number;
  return true;
};
