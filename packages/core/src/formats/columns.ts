import type { Described } from "../schema/example.ts";
import { isTextTable } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { ReadContext, Refused, Sample } from "./format.ts";
import type { Draft } from "./reading.ts";
import { parseJson } from "./reading.ts";

/** What a reader answers where {@link rowOf} finds no object. */
export const noObject: Refused = { refused: "shape", reason: "the row is no object" };

/**
 * The members of a foreign row, absent where it is no object. Cells of a table are strings: an empty one is absent, and JSON text in one
 * of the `nested` columns is read as what it says.
 */
export function rowOf(row: Json, context: Pick<ReadContext, "fileKind">, nested: readonly string[] = []): JsonObject | undefined {
  if (!isJsonObject(row)) return undefined;
  if (!isTextTable(context.fileKind)) return row;
  const cells: [string, Json][] = [];
  for (const [key, value] of Object.entries(row)) {
    if (value !== "") cells.push([key, nested.includes(key) ? unpacked(value) : value]);
  }
  return Object.fromEntries(cells);
}

/** JSON text of a list or an object as its value, everything else as it is. */
export function unpacked(value: Json): Json {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  return parseJson(value) ?? value;
}

/** The text of a scalar; absent for null, lists and objects. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** The first of these columns that the row fills. */
export function firstOf(row: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = row[name];
    if (value !== undefined && value !== null) return name;
  }
  return undefined;
}

/**
 * What the columns of a foreign row say beside its content, `taken` being those of the content.
 *
 * `id` (the foreign one), `source`, `type`, `topic`, `domain`, `tags`, `confidence` (0 to 1), `created_at` or `timestamp` (ISO dates only) and `metadata` mean
 * what they mean in the house row; the others go to `metadata` under their own names.
 *
 * @param unread - Further entries of the metadata: what the content of the row held and no field of ours does.
 */
export function describe(row: JsonObject, taken: readonly string[], unread: readonly (readonly [string, Json])[] = []): Draft<Described> {
  const described: Draft<Described> = {};
  const rest: (readonly [string, Json])[] = [...unread];
  for (const key in row) {
    const value = row[key];
    if (value === undefined || value === null || taken.includes(key)) continue;
    if (key === "metadata") rest.push(...metadataOf(value));
    else if (!place(described, key, value)) rest.push([key, value]);
  }
  // Entries, since assigning a key such as `__proto__` would not make a member of it.
  if (rest.length > 0) described.metadata = Object.fromEntries(rest);
  return described;
}

function metadataOf(value: Json): readonly [string, Json][] {
  const object = unpacked(value);
  return isJsonObject(object) ? Object.entries(object) : [["metadata", value]];
}

/** False where the column is none of ours, or its value none that it can hold. */
function place(described: Draft<Described>, key: string, value: Json): boolean {
  switch (key) {
    case "id": {
      const id = textOf(value);
      if (id === undefined || !isWord(id)) return false;
      described.sourceId = id;
      return true;
    }
    case "source":
    case "type":
    case "topic":
    case "domain":
      if (typeof value !== "string" || !isWord(value)) return false;
      described[key] = value;
      return true;
    case "tags": {
      const tags = tagsOf(value);
      if (tags === undefined) return false;
      described.tags = tags;
      return true;
    }
    case "confidence": {
      const confidence = Number(textOf(value) || "absent");
      if (!(confidence >= 0 && confidence <= 1)) return false;
      described.confidence = confidence;
      return true;
    }
    case "created_at":
    case "timestamp": {
      const time = described.createdAt === undefined ? isoTime(value) : undefined;
      if (time === undefined) return false;
      described.createdAt = time;
      return true;
    }
    default:
      return false;
  }
}

/** The bound that the schema of an example puts on words and identifiers. */
function isWord(text: string): boolean {
  return text.length > 0 && text.length <= 1_000;
}

/** A list of strings, JSON text of one, or words with commas or semicolons between them. */
export function tagsOf(value: Json): readonly string[] | undefined {
  const list = unpacked(value);
  const tags =
    typeof list === "string"
      ? list
          .split(/[,;]/)
          .map((tag) => tag.trim())
          .filter((tag) => tag !== "")
      : list;
  if (!Array.isArray(tags) || tags.length > 1_000) return undefined;
  return tags.every((tag): tag is string => typeof tag === "string" && isWord(tag)) ? tags : undefined;
}

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?<zone>Z|[+-]\d{2}:?\d{2})?)?$/i;

/** An ISO 8601 date or time in UTC to the millisecond; without a zone it counts as UTC, as a date does. */
export function isoTime(value: Json): string | undefined {
  if (typeof value !== "string") return undefined;
  const match = ISO.exec(value);
  if (match === null) return undefined;
  const zoned = value.length > 10 && match.groups?.["zone"] === undefined ? `${value}Z` : value;
  const ms = Date.parse(
    zoned
      .replace(" ", "T")
      .replace(/([+-]\d{2})(\d{2})$/, (whole, hours: string, minutes: string) => (value.length > 10 ? `${hours}:${minutes}` : whole)),
  );
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** True when more than half of the sample's rows are objects that pass; a few broken rows do not hide what a file is. */
export function mostRows(sample: Sample, test: (row: JsonObject) => boolean): boolean {
  const passed = sample.rows.filter((row) => isJsonObject(row) && test(row)).length;
  return passed * 2 > sample.rows.length;
}

/** Column names as a sentence shows them. */
export function quoted(names: readonly string[]): string {
  const marked = names.map((name) => `\`${name}\``);
  return marked.length < 2 ? marked.join("") : `${marked.slice(0, -1).join(", ")} and ${marked.at(-1)}`;
}
