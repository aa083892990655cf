import type { Span } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { codePointLength } from "../text/words.ts";
import { describe, mostRows, noObject, rowOf, textOf } from "./columns.ts";
import type { Format, Reading } from "./format.ts";
import { given, isList, refuse } from "./reading.ts";

/**
 * Sentences cut into pieces, some of which are entities: `{ data: [{ text, entity? }] }`, as Snips publishes them in maps of intents.
 *
 * @see {@link https://github.com/sonos/nlu-benchmark | NLU benchmark of 2017}
 */
export const textSegments: Format = {
  name: "text-segments",
  title: "texts in segments, of which some are entities",
  kinds: ["classification"],
  lossless: false,
  readers: [],
  file: "json",
  weight: "refuses",

  detect(sample) {
    if (!mostRows(sample, (row) => isSegments(row["data"]))) return undefined;
    return { reason: "the rows hold `data`, a list of objects with a text", specificity: 60 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["data"]);
    return row === undefined ? noObject : readSegments(row, context.group);
  },
};

function isSegments(value: Json | undefined): boolean {
  return isList(value) && value.length > 0 && value.every((segment) => isJsonObject(segment) && typeof segment["text"] === "string");
}

function readSegments(row: JsonObject, group: string | undefined): Reading {
  const segments = row["data"];
  if (!isList(segments)) return refuse("shape", "`data` is no list of segments");
  let text = "";
  let start = 0;
  const entities: Span[] = [];
  const unread: [string, Json][] = [];
  for (const [index, segment] of segments.entries()) {
    if (!isJsonObject(segment) || typeof segment["text"] !== "string") return refuse("shape", `segment ${index + 1} has no text`);
    const { text: surface, entity, ...rest } = segment;
    const end = start + codePointLength(surface);
    if (typeof entity === "string") entities.push({ label: entity, start, end, surface });
    if (Object.keys(rest).length > 0) unread.push([`/data/${index}`, rest]);
    text += surface;
    start = end;
  }
  const intent = group ?? textOf(row["intent"]);
  const taken = group === undefined ? ["data", "intent"] : ["data"];
  const metadata = unread.length === 0 ? [] : [["text-segments", Object.fromEntries(unread)] as const];
  return given({
    kind: "classification",
    text,
    labels: intent === undefined ? {} : { intent },
    entities,
    ...describe(row, taken, metadata),
  });
}
