import type { Described, Engagement } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { mostRows, noObject, quoted, rowOf, textOf, unpacked } from "./columns.ts";
import { describeWith, numberOf, word } from "./document-fields.ts";
import type { Place } from "./document-fields.ts";
import { notText } from "./exchange.ts";
import type { Format, Reading } from "./format.ts";
import type { Draft } from "./reading.ts";
import { given, refuse } from "./reading.ts";

/**
 * Document 1's samples: a post with its engagement and features; also tables of posts with a column for each count.
 *
 * What changes at every use (`freshness_score`, `quality_score`, `last_used`, `use_count`, `performance_trend`) is kept in the metadata as
 * the file said it; Tilth computes its own.
 */
export const documentPost: Format = {
  name: "document-post",
  title: "posts with engagement and features, as document 1 keeps them",
  kinds: ["text"],
  lossless: false,
  readers: [],
  file: "json",
  weight: "refuses",

  detect(sample) {
    if (!mostRows(sample, (row) => textOf(row["text"]) !== undefined && !isLabelled(row))) return undefined;
    const mark = marks.find(({ column, holds }) => mostRows(sample, (row) => holds(row[column]) && !isLabelled(row)));
    return mark === undefined ? undefined : { reason: `the rows hold ${quoted(["text", mark.column])}: posts`, specificity: 50 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["engagement", "features"]);
    return row === undefined ? noObject : readPost(row);
  },
};

/** Any of these beside a text makes a post of it. */
const marks: readonly { readonly column: string; readonly holds: (value: Json | undefined) => boolean }[] = [
  { column: "engagement", holds: (value) => isJsonObject(unpacked(value ?? null)) },
  { column: "likes", holds: (value) => countOf(value) !== undefined },
  { column: "performance_trend", holds: (value) => typeof value === "string" && value !== "" },
  { column: "freshness_score", holds: (value) => numberOf(value) !== undefined },
  { column: "features", holds: (value) => isJsonObject(unpacked(value ?? null)) },
];

/** A text with an intent is a classification, whatever else is known of it. */
function isLabelled(row: JsonObject): boolean {
  return "intent" in row || "expected_intent" in row;
}

function readPost(row: JsonObject): Reading {
  const text = textOf(row["text"]);
  if (row["text"] === undefined || row["text"] === null) return refuse("incomplete", "there is no `text`");
  if (text === undefined) return notText("text");
  const { engagement, taken, unread } = readEngagement(row);
  const described = describeWith(row, { style: word("style"), features }, ["text", ...taken], unread);
  if (engagement !== undefined) described.engagement = engagement;
  if (described.source === undefined) described.sourceKind = "post";
  return given({ kind: "text", text, ...described });
}

const features: Place = (described, value) => {
  if (!isJsonObject(value)) return false;
  described.features = value;
  return true;
};

/** The counts by the names that files give them. */
const counters: ReadonlyMap<string, keyof Engagement> = new Map([
  ...(["impressions", "viewers", "likes", "reposts", "replies", "bookmarks", "shares", "dismissals"] as const).map(
    (name) => [name, name] as const,
  ),
  ["retweets", "reposts"] as const,
]);

/** Counts of the member `engagement` and of columns of their own; what is no count of ours stays where the metadata can hold it. */
function readEngagement(row: JsonObject): {
  readonly engagement: Described["engagement"];
  readonly taken: readonly string[];
  readonly unread: readonly (readonly [string, Json])[];
} {
  const engagement: Draft<Engagement> = {};
  const nested = row["engagement"];
  const rest = isJsonObject(nested)
    ? Object.entries(nested).filter(([name, value]) => value !== null && !count(engagement, name, value))
    : [];
  const taken = isJsonObject(nested) ? ["engagement"] : [];
  for (const name of counters.keys()) if (count(engagement, name, row[name])) taken.push(name);
  return {
    engagement: Object.keys(engagement).length === 0 ? undefined : engagement,
    taken,
    unread: rest.length === 0 ? [] : [["engagement", Object.fromEntries(rest)]],
  };
}

function count(engagement: Draft<Engagement>, name: string, value: Json | undefined): boolean {
  const member = counters.get(name);
  const number = countOf(value);
  if (member === undefined || number === undefined || engagement[member] !== undefined) return false;
  engagement[member] = number;
  return true;
}

function countOf(value: Json | undefined): number | undefined {
  const number = numberOf(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
