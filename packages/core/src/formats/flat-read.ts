import type { Classification, Content, Extraction, Kind, Steps } from "../schema/content.ts";
import { kinds } from "../schema/content.ts";
import type { Described } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { isUlid } from "../text/ulid.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf, textOf, unpacked } from "./columns.ts";
import { readEntities } from "./entities.ts";
import { exchangeColumns, readExchange } from "./exchange.ts";
import type { Detection, ReadContext, ReadRemark, Reading, Refused, Sample } from "./format.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";

/**
 * Reads a flat row, of a table or of JSON: the house row where it says its `kind`, else a question with an answer, else a text with or
 * without labels.
 */
export function readFlat(foreign: Json, context: ReadContext): Reading {
  const row = rowOf(foreign, context);
  if (row === undefined) return noObject;
  const kind = kindOf(row);
  if (kind !== undefined) return readHouse(kind, row);
  if (exchangeColumns(row) !== undefined) return readExchange(row);
  return firstOf(row, ["text"]) === undefined ? readExchange(row) : readText(row);
}

/** Recognises house rows, and tables of texts. */
export function detectFlat(sample: Sample): Detection | undefined {
  if (mostRows(sample, isHouse)) return { reason: `the rows hold ${quoted(["kind"])} and the columns of that kind`, specificity: 90 };
  if (!mostRows(sample, (row) => textOf(row["text"]) !== undefined)) return undefined;
  const label = labelColumns.find((column) => mostRows(sample, (row) => textOf(row[column]) !== undefined));
  if (label !== undefined) return { reason: `the rows hold ${quoted(["text", label])}: texts with their intent`, specificity: 30 };
  return { reason: `the rows hold ${quoted(["text"])}: texts, their other columns as metadata`, specificity: 10 };
}

/** Any of these makes an intent of its value; the first that a row fills is taken. Document 2 writes `expected_intent`. */
const labelColumns = ["intent", "expected_intent", "label", "category"] as const;

/** The columns that a house row of each kind cannot be without. */
const required: { readonly [K in Kind]: readonly string[] } = {
  chat: ["input", "output"],
  preference: ["input", "output", "rejected"],
  rating: ["input", "output", "label"],
  text: ["text"],
  classification: ["text"],
  extraction: ["input", "output"],
  steps: ["input", "output"],
};

function kindOf(row: JsonObject): Kind | undefined {
  const kind = row["kind"];
  return kinds.find((name) => name === kind);
}

function isHouse(row: JsonObject): boolean {
  const kind = kindOf(row);
  return kind !== undefined && required[kind].every((column) => textOf(row[column]) !== undefined);
}

function readHouse(kind: Kind, row: JsonObject): Reading {
  const missing = required[kind].filter((column) => firstOf(row, [column]) === undefined);
  if (missing.length > 0) return refuse("incomplete", `a row of kind ${kind} has no ${quoted(missing)}`);
  if (kind === "classification" || kind === "text") return readText(row, kind);
  const content = houseContent(kind, textOf(row["input"]), textOf(row["output"]), row);
  if ("refused" in content) return content;
  return given({ ...content, ...describeHouse(row, required[kind]) });
}

function houseContent(
  kind: Exclude<Kind, "text" | "classification">,
  input: string | undefined,
  output: string | undefined,
  row: JsonObject,
): Content | Refused {
  if (input === undefined || output === undefined) return refuse("shape", "`input` or `output` is no text");
  const prompt = [{ role: "user", content: input }] as const;
  const answer = [{ role: "assistant", content: output }] as const;
  switch (kind) {
    case "chat":
      return { kind, messages: [...prompt, ...answer] };
    case "preference": {
      const rejected = textOf(row["rejected"]);
      return rejected === undefined
        ? refuse("shape", "`rejected` is no text")
        : { kind, prompt, chosen: answer, rejected: [{ role: "assistant", content: rejected }] };
    }
    case "rating": {
      const label = booleanOf(row["label"]);
      return label === undefined ? refuse("shape", "`label` is neither true nor false") : { kind, prompt, completion: answer, label };
    }
    case "extraction":
      return itemsOf(output, input);
    case "steps":
      return stepsOf(output, input);
  }
}

function booleanOf(value: Json | undefined): boolean | undefined {
  const word = textOf(value)?.toLowerCase();
  if (word === "true" || word === "1") return true;
  return word === "false" || word === "0" ? false : undefined;
}

/** The items of an extraction as JSON text; one without an id gets `item_1`, `item_2` … */
function itemsOf(output: string, content: string): Extraction | Refused {
  const list = unpacked(output);
  const items: Extraction["items"][number][] = [];
  if (!isList(list)) return refuse("shape", "`output` is no JSON list of items");
  for (const item of list) {
    const { text, category } = isJsonObject(item) ? item : {};
    if (typeof text !== "string" || typeof category !== "string")
      return refuse("shape", `item ${items.length + 1} has no text or no category`);
    items.push({ id: isJsonObject(item) && typeof item["id"] === "string" ? item["id"] : `item_${items.length + 1}`, text, category });
  }
  return { kind: "extraction", document: { content }, items };
}

function stepsOf(output: string, prompt: string): Steps | Refused {
  const list = unpacked(output);
  const steps: Steps["steps"][number][] = [];
  if (!isList(list)) return refuse("shape", "`output` is no JSON list of steps");
  for (const step of list) {
    const { text, correct } = isJsonObject(step) ? step : {};
    if (typeof text !== "string" || typeof correct !== "boolean")
      return refuse("shape", `step ${steps.length + 1} has no text or no verdict`);
    steps.push({ text, correct });
  }
  return { kind: "steps", prompt, steps };
}

/** A text; with labels or entities, where its kind does not say otherwise, a classification. */
function readText(row: JsonObject, kind?: "text" | "classification"): Reading {
  const text = textOf(row["text"]);
  if (text === undefined) return refuse("shape", "`text` is no text");
  const labelled = kind === "text" ? unlabelled : readLabels(row, text);
  if ("refused" in labelled) return labelled;
  const described = kind === undefined ? describe(row, ["text", ...labelled.taken]) : describeHouse(row, ["text", ...labelled.taken]);
  if (kind === "text" || (kind === undefined && labelled.taken.length === 0)) return given({ kind: "text", text, ...described });
  return given({ kind: "classification", text, labels: labelled.labels, entities: labelled.entities, ...described }, labelled.remarks);
}

interface Labelled extends Pick<Classification, "labels" | "entities"> {
  readonly remarks: readonly ReadRemark[];
  /** The columns they came from. */
  readonly taken: readonly string[];
}

const unlabelled: Labelled = { labels: {}, entities: [], remarks: [], taken: [] };

const labelMembers = [
  ["intent", labelColumns],
  ["sentiment", ["sentiment", "expected_sentiment"]],
  ["persona", ["persona", "expected_persona"]],
] as const;

function readLabels(row: JsonObject, text: string): Labelled | Refused {
  const labels: Draft<Classification["labels"]> = {};
  const taken: string[] = [];
  for (const [member, columns] of labelMembers) {
    const column = firstOf(row, columns);
    const label = column === undefined ? undefined : textOf(row[column]);
    if (column === undefined || label === undefined) continue;
    labels[member] = label;
    taken.push(column);
  }
  const column = firstOf(row, ["entities", "expected_entities"]);
  if (column === undefined) return { labels, entities: [], remarks: [], taken };
  const entities = readEntities(row[column] ?? [], text);
  if (entities === undefined) return refuse("shape", `\`${column}\` is no list of entities`);
  return { labels, entities: entities.spans, remarks: entities.remarks, taken: [...taken, column] };
}

/** The common columns of a house row. What is computed is computed again; an id of ours is kept. */
export function describeHouse(row: JsonObject, taken: readonly string[]): Described {
  const described = describe(row, [...taken, "kind", "weight", "quality_score", "quality_tier"]);
  const weight = Number(textOf(row["weight"]) ?? "");
  if (textOf(row["weight"]) !== undefined && weight >= 0 && weight <= 1_000) described.weight = weight;
  const { sourceId, ...others } = described;
  return sourceId !== undefined && isUlid(sourceId) ? { id: sourceId, ...others } : described;
}
