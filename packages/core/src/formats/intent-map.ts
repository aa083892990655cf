import type { Span } from "../schema/content.ts";
import type { NewExample } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { codePointLength } from "../text/words.ts";
import { mostRows } from "./columns.ts";
import { givenAll } from "./document-fields.ts";
import type { Format, Reading, Refused } from "./format.ts";
import { isList, parseJson, refuse } from "./reading.ts";

/**
 * Texts under their intent: a map `{ intent: [text, …] }`, or Rasa's `{ nlu: [{ intent, examples }] }` as JSON, with its entities
 * `[Acme](org)` and `[Acme]{"entity": "org"}`.
 *
 * A list of texts under no label has none, so each is a plain text. Of Rasa's file only the intents are read; synonyms, expressions and
 * lookup tables are no examples.
 *
 * @see {@link https://rasa.com/docs/rasa/training-data-format | Rasa, training data format}
 */
export const intentMap: Format = {
  name: "intent-map",
  title: "texts by intent, without or with Rasa's marks",
  kinds: ["classification", "text"],
  lossless: false,
  readers: [],
  file: "json",
  weight: "refuses",

  detect(sample) {
    if (mostRows(sample, (row) => isEntry(row) || isList(row["nlu"])))
      return { reason: "the rows hold `intent` and its `examples`, as Rasa has them", specificity: 60 };
    const texts = sample.rows.filter((row) => typeof row === "string").length;
    // Lines of JSON text are no map; a table has no bare texts.
    if (sample.fileKind !== "json" || texts * 2 <= sample.rows.length) return undefined;
    return { reason: "the rows are bare texts, the label they stand under is their intent", specificity: 60 };
  },

  read(foreign, { group }) {
    if (typeof foreign === "string") return givenAll([example(foreign, [], group)], [], false);
    if (!isJsonObject(foreign)) return refuse("shape", "the row is neither a text nor an object");
    const list = isList(foreign["nlu"]) ? foreign["nlu"].filter((entry) => isJsonObject(entry) && "intent" in entry) : [foreign];
    return readEntries(list);
  },
};

function example(text: string, entities: readonly Span[], intent: string | undefined): NewExample {
  return intent === undefined ? { kind: "text", text } : { kind: "classification", text, labels: { intent }, entities };
}

function isEntry(row: JsonObject): boolean {
  return typeof row["intent"] === "string" && (typeof row["examples"] === "string" || isList(row["examples"]));
}

function readEntries(list: readonly Json[]): Reading {
  const examples: NewExample[] = [];
  for (const entry of list) {
    const read = isJsonObject(entry) ? readEntry(entry) : refuse("shape", "an entry is no object");
    if ("refused" in read) return read;
    examples.push(...read);
  }
  return examples.length === 0 ? refuse("incomplete", "there are no examples of an intent") : givenAll(examples, [], false);
}

function readEntry(entry: JsonObject): readonly NewExample[] | Refused {
  const { intent, examples, metadata } = entry;
  if (typeof intent !== "string") return refuse("shape", "an entry without `intent` holds no examples");
  const list = typeof examples === "string" ? bullets(examples) : examples;
  if (!isList(list)) return refuse("shape", "`examples` is neither a text nor a list");
  const read: NewExample[] = [];
  for (const item of list) {
    const told = isJsonObject(item) ? item : { text: item };
    const marked = told["text"];
    if (typeof marked !== "string") return refuse("shape", `example ${read.length + 1} of an intent has no text`);
    const { text, spans, unread } = readMarks(marked.trim());
    const known = [...entriesOf(metadata), ...entriesOf(told["metadata"]), ...unread];
    read.push({ ...example(text, spans, intent), ...(known.length === 0 ? {} : { metadata: Object.fromEntries(known) }) });
  }
  return read;
}

/** `- ` begins each example of Rasa's text block. */
function bullets(block: string): readonly string[] {
  return block
    .split("\n")
    .map((line) => /^\s*-\s+(.*\S)\s*$/.exec(line)?.[1])
    .filter((text) => text !== undefined);
}

function entriesOf(metadata: Json | undefined): readonly (readonly [string, Json])[] {
  if (metadata === undefined || metadata === null) return [];
  return isJsonObject(metadata) ? Object.entries(metadata) : [["metadata", metadata]];
}

/** Takes Rasa's marks out of a text: `[surface](label)`, `[surface](label:value)`, `[surface]{"entity": "label", …}`. */
function readMarks(marked: string): {
  readonly text: string;
  readonly spans: readonly Span[];
  readonly unread: readonly (readonly [string, Json])[];
} {
  const spans: Span[] = [];
  const unread: [string, Json][] = [];
  let text = "";
  let from = 0;
  for (const match of marked.matchAll(/\[([^\]]+)\](?:\(([^)]+)\)|(\{[^}]*\}))/g)) {
    const [whole, surface = "", label, object] = match;
    const mark = label === undefined ? parseJson(object ?? "") : shortMark(label);
    if (!isJsonObject(mark) || typeof mark["entity"] !== "string") continue;
    const { entity, ...rest } = mark;
    text += marked.slice(from, match.index);
    const start = codePointLength(text);
    if (Object.keys(rest).length > 0) unread.push([`/entities/${spans.length}`, rest]);
    spans.push({ label: entity, start, end: start + codePointLength(surface), surface });
    text += surface;
    from = match.index + whole.length;
  }
  return { text: text + marked.slice(from), spans, unread: unread.length === 0 ? [] : [["intent-map", Object.fromEntries(unread)]] };
}

function shortMark(label: string): JsonObject {
  const at = label.indexOf(":");
  return at === -1 ? { entity: label } : { entity: label.slice(0, at), value: label.slice(at + 1) };
}
