import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { firstOf, mostRows, noObject, quoted, rowOf, textOf, unpacked } from "./columns.ts";
import { booleanOf, created, describeWith, flag, givenAll, word, wordOf } from "./document-fields.ts";
import { readQuality } from "./document-quality.ts";
import { notText, turns } from "./exchange.ts";
import type { Format, Reading } from "./format.ts";
import { systemColumns } from "./messages.ts";
import { refuse } from "./reading.ts";

/**
 * Document 4's examples of real work: a prompt, its response and what is known of them; and its generated documents, which also say what
 * they are, whether they were used and how much was changed. The record's `id` names it for good.
 */
export const documentInteraction: Format = {
  name: "document-interaction",
  title: "prompts and responses of real work, as document 4 collects them",
  kinds: ["chat"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "refuses",

  detect(sample) {
    const isExchange = (row: JsonObject): boolean => textOf(row["prompt"]) !== undefined && textOf(row["response"]) !== undefined;
    const mark = marks.find(([column, holds]) => mostRows(sample, (row) => isExchange(row) && holds(row[column])));
    return mark === undefined ? undefined : { reason: `the rows hold ${quoted(["prompt", "response", mark[0]])}`, specificity: 60 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["quality"]);
    return row === undefined ? noObject : readInteraction(row);
  },
};

/** Any of these beside prompt and response. */
const marks: readonly (readonly [string, (value: Json | undefined) => boolean])[] = [
  ["quality", (value) => isJsonObject(unpacked(value ?? null))],
  ["document_type", (value) => wordOf(value) !== undefined],
  ["include_in_training", (value) => booleanOf(value) !== undefined],
  ["project_context", (value) => wordOf(value) !== undefined],
];

function readInteraction(row: JsonObject): Reading {
  const missing = ["prompt", "response"].find((column) => firstOf(row, [column]) === undefined);
  if (missing !== undefined) return refuse("incomplete", `there is no ${quoted([missing])}`);
  const prompt = textOf(row["prompt"]);
  const response = textOf(row["response"]);
  if (prompt === undefined) return notText("prompt");
  if (response === undefined) return notText("response");
  const system = firstOf(row, systemColumns);
  const instructed = system === undefined ? undefined : textOf(row[system]);
  const quality = readQuality(row["quality"]);
  const taken = ["prompt", "response", ...(instructed === undefined || system === undefined ? [] : [system])];
  const described = describeWith(row, places, quality === undefined ? taken : [...taken, "quality"], quality?.unread);
  const isDocument = wordOf(row["document_type"]) !== undefined;
  return givenAll(
    [
      {
        kind: "chat",
        messages: turns(instructed, [[prompt, response]]),
        ...described,
        ...quality?.told,
        ...(isDocument ? { sourceKind: "document" } : {}),
      },
    ],
    [],
    described.sourceId !== undefined,
  );
}

const places = {
  timestamp: created,
  project_context: word("project"),
  include_in_training: flag("includeInTraining"),
  document_type: word("type"),
  was_used: flag("wasUsed"),
  modifications_made: word("modificationsMade"),
} as const;
