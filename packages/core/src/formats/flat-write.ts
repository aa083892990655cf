import type { Classification, Content, Message } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { CellType } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { tuplesOf } from "./entities.ts";
import type { WriteOptions, Writing } from "./format.ts";
import { exactIntegers, messageLosses, usesTools } from "./render.ts";

/** Columns of the house row, in the order they are written. */
const houseColumns: readonly string[] = (
  "id kind source type topic domain text input output rejected label intent sentiment persona entities tags " +
  "quality_score quality_tier weight created_at metadata"
).split(" ");

/** Document 2's columns. */
const classicColumns: readonly string[] =
  "text expected_intent expected_sentiment expected_entities expected_persona confidence source metadata created_at".split(" ");

/** All columns of flat rows; `columns: "classic"` among the settings gives document 2's. */
export function flatColumns(settings: JsonObject): readonly string[] {
  return isClassic(settings) ? classicColumns : houseColumns;
}

/** What the columns of flat rows hold, for layouts with types. */
export function flatTypes(settings: JsonObject): Readonly<Record<string, CellType>> {
  return Object.fromEntries(flatColumns(settings).map((column) => [column, columnTypes[column] ?? "string"]));
}

/** Those that are no text. Document 2's tuples hold text and numbers, which no list can. */
const columnTypes: Readonly<Record<string, CellType>> = {
  label: "bool",
  entities: { list: { struct: { label: "string", start: "i32", end: "i32", surface: "string" } } },
  expected_entities: "json",
  tags: { list: "string" },
  quality_score: "f64",
  weight: "f64",
  confidence: "f64",
  created_at: "time",
  metadata: "json",
};

/** The columns that an example fills. A weight of 1 fills none. */
export function filledColumns(example: Example, settings: JsonObject): readonly string[] {
  const row = isClassic(settings) ? classicRow(example) : houseRow(example);
  return flatColumns(settings).filter((column) => isFilled(row[column]) && !(column === "weight" && row[column] === 1));
}

/** Writes the columns that some row of the file fills; what a flat row cannot hold is a loss. */
export function writeFlat(example: Example, { needs, settings }: WriteOptions): Writing {
  if (isClassic(settings) && example.kind !== "classification" && example.kind !== "text") return { refused: "kind" };
  const told = contentOf(example);
  if ("refused" in told) return told;
  const row = isClassic(settings) ? classicRow(example) : houseRow(example);
  const columns = flatColumns(settings).filter((column) => needs.has(column));
  const losses = isClassic(settings) && example.weight !== 1 ? [...told.losses, "weight"] : told.losses;
  return { rows: [Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))], losses };
}

function isClassic(settings: JsonObject): boolean {
  return settings["columns"] === "classic";
}

function isFilled(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** The house row with all columns that the example's kind fills; null elsewhere. */
export function houseRow(example: Example): JsonObject {
  const told = contentOf(example);
  return {
    id: example.id,
    kind: example.kind,
    source: example.source,
    type: example.type ?? null,
    topic: example.topic ?? null,
    domain: example.domain,
    ...("refused" in told ? {} : told.columns),
    tags: example.tags,
    quality_score: example.quality.score ?? null,
    quality_tier: example.quality.tier,
    weight: example.weight,
    created_at: example.createdAt,
    metadata: exactIntegers(example.metadata),
  };
}

/** Here alone entities are tuples. */
function classicRow(example: Example): JsonObject {
  const { intent, sentiment, persona } = example.kind === "classification" ? example.labels : {};
  return {
    text: example.kind === "classification" || example.kind === "text" ? example.text : null,
    expected_intent: intent ?? null,
    expected_sentiment: sentiment ?? null,
    expected_entities: example.kind === "classification" ? tuplesOf(example.entities) : [],
    expected_persona: persona ?? null,
    confidence: example.confidence ?? null,
    source: example.source,
    metadata: exactIntegers(example.metadata),
    created_at: example.createdAt,
  };
}

/** The content's columns with what they leave out. */
interface FlatContent {
  readonly columns: JsonObject;
  readonly losses: readonly string[];
}

function contentOf(content: Content): FlatContent | { readonly refused: string } {
  switch (content.kind) {
    case "chat": {
      const { messages, tools } = content;
      const losses = [
        ...extraLosses(messages.slice(0, -1), messages.slice(-1), tools !== undefined),
        ...unheld(content, ["context", "reference"]),
      ];
      return sided(messages.slice(0, -1), messages.slice(-1), {}, losses);
    }
    case "preference": {
      const { prompt, chosen, rejected, tools } = content;
      const losses = [...extraLosses(prompt, [...chosen, ...rejected], tools !== undefined, 2), ...unheld(content, ["reason", "margin"])];
      const worse = rejected.at(-1);
      return worse?.role === "assistant" ? sided(prompt, chosen, { rejected: worse.content }, losses) : { refused: "turns" };
    }
    case "rating":
      return sided(
        content.prompt,
        content.completion,
        { label: content.label },
        extraLosses(content.prompt, content.completion, content.tools !== undefined),
      );
    case "text":
      return { columns: { text: content.text }, losses: [] };
    case "classification":
      return { columns: labelColumns(content), losses: unheld(content.labels, ["categories"]) };
    case "extraction": {
      const { url, title, content: input } = content.document;
      const items = content.items.map(({ id, text, category }) => ({ id, text, category }));
      return { columns: { input, output: JSON.stringify(items) }, losses: (url ?? title) === undefined ? [] : ["document"] };
    }
    case "steps":
      return {
        columns: { input: content.prompt, output: JSON.stringify(content.steps.map(({ text, correct }) => ({ text, correct }))) },
        losses: [],
      };
  }
}

/** The last message of the user and the last of the assistant. */
function sided(
  prompt: readonly Message[],
  answer: readonly Message[],
  columns: JsonObject,
  losses: readonly string[],
): FlatContent | { readonly refused: string } {
  const asked = prompt.findLast(({ role }) => role === "user");
  const said = answer.at(-1);
  if (asked === undefined || said?.role !== "assistant") return { refused: "turns" };
  return { columns: { input: asked.content, output: said.content, ...columns }, losses };
}

/** What is said beside one question and `answers` answers to it. */
function extraLosses(prompt: readonly Message[], answer: readonly Message[], hasTools: boolean, answers = 1): readonly string[] {
  const all = [...prompt, ...answer];
  const spoken = prompt.filter(({ role }) => role !== "system").length;
  return [
    ...(all.some(({ role }) => role === "system") ? ["system"] : []),
    ...(spoken > 1 || answer.length > answers ? ["turns"] : []),
    ...(hasTools || usesTools(all) ? ["tools"] : []),
    ...messageLosses(answer, ["weight"]),
    ...messageLosses(all, ["reasoning", "parts"]),
  ];
}

function labelColumns({ text, labels, entities }: Classification): JsonObject {
  const { intent, sentiment, persona } = labels;
  const spans = entities.map(({ label, start, end, surface }) => ({ label, start, end, surface }));
  return { text, intent: intent ?? null, sentiment: sentiment ?? null, persona: persona ?? null, entities: spans };
}

/** Names of members that are there and that no column holds. */
function unheld<T extends object>(content: T, members: readonly (keyof T & string)[]): readonly string[] {
  return members.filter((member) => content[member] !== undefined);
}
