import type { Extraction, Item } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { codePointLength, codePointSlice } from "../text/words.ts";
import { firstOf, mostRows, noObject, quoted, rowOf, textOf } from "./columns.ts";
import type { Place } from "./document-fields.ts";
import { created, describeWith, numberOf, word, wordOf } from "./document-fields.ts";
import { notText } from "./exchange.ts";
import type { Format, Reading } from "./format.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";

/**
 * Document 5's extraction log: a source, what a model drew from it and how good that was.
 *
 * The source's text is cut at 8,000 code points, with `truncated` in the metadata. The score of 0 to 10 becomes the confidence of 0 to 1,
 * and stays in the metadata as the log wrote it.
 */
export const documentExtraction: Format = {
  name: "document-extraction",
  title: "lines of an extraction log, as document 5 writes them",
  kinds: ["extraction"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "refuses",

  detect(sample) {
    if (!mostRows(sample, (row) => textOf(row["source_content"]) !== undefined && "extracted_insights" in row)) return undefined;
    return { reason: `the rows hold ${quoted(["source_content", "extracted_insights"])}`, specificity: 85 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["extracted_insights"]);
    return row === undefined ? noObject : readExtraction(row);
  },
};

/** Document 5: "First 8000 chars". */
const MOST_CODE_POINTS = 8_000;

function readExtraction(row: JsonObject): Reading {
  const missing = ["source_content", "extracted_insights"].find((column) => firstOf(row, [column]) === undefined);
  if (missing !== undefined) return refuse("incomplete", `there is no ${quoted([missing])}`);
  const content = textOf(row["source_content"]);
  const insights = row["extracted_insights"];
  if (content === undefined) return notText("source_content");
  if (!isList(insights)) return refuse("shape", "`extracted_insights` is no list");
  const unread: [string, Json][] = [];
  const items = insights.map((insight, index) => itemOf(insight, index, unread));
  const broken = items.indexOf(undefined);
  if (broken !== -1) return refuse("shape", `insight ${broken + 1} has no text`);
  const isLong = codePointLength(content) > MOST_CODE_POINTS;
  const document = documentOf(row, isLong ? codePointSlice(content, 0, MOST_CODE_POINTS) : content);
  const described = describeWith(
    row,
    row["source"] === undefined ? { ...places, stage: word("source") } : places,
    [
      "source_content",
      "extracted_insights",
      ...(document.url === undefined ? [] : ["source_url"]),
      ...(document.title === undefined ? [] : ["source_title"]),
    ],
    metadataOf(row, document, isLong, unread),
  );
  const url = wordOf(document.url);
  if (url !== undefined) described.sourceId ??= url;
  return given({
    kind: "extraction",
    document,
    items: items.filter((item) => item !== undefined),
    ...described,
    sourceKind: "extraction",
  });
}

/** An insight with its text; one without an id gets `item_1`, `item_2` … */
function itemOf(insight: Json, index: number, unread: [string, Json][]): Item | undefined {
  const id = `item_${index + 1}`;
  if (typeof insight === "string") return { id, text: insight, category: "" };
  if (!isJsonObject(insight) || typeof insight["text"] !== "string") return undefined;
  const rest = Object.entries(insight).filter(([name, value]) => !["id", "text", "category"].includes(name) && value !== null);
  if (rest.length > 0) unread.push([`/items/${index}`, Object.fromEntries(rest)]);
  return { id: wordOf(insight["id"]) ?? id, text: insight["text"], category: textOf(insight["category"]) ?? "" };
}

function documentOf(row: JsonObject, content: string): Extraction["document"] {
  const document: Draft<Extraction["document"]> = { content };
  const { source_url: url, source_title: title } = row;
  if (typeof url === "string") document.url = url;
  if (typeof title === "string") document.title = title;
  return document;
}

function metadataOf(
  row: JsonObject,
  { url }: Extraction["document"],
  isLong: boolean,
  unread: readonly (readonly [string, Json])[],
): readonly (readonly [string, Json])[] {
  const metadata: (readonly [string, Json])[] = [];
  if (url !== undefined) metadata.push(["url", url]);
  if (isLong) metadata.push(["truncated", true]);
  const score = row["quality_score"];
  if (score !== undefined && shareOf(score) !== undefined) metadata.push(["quality_score", score]);
  if (unread.length > 0) metadata.push(["document-extraction", Object.fromEntries(unread)]);
  return metadata;
}

function shareOf(score: Json): number | undefined {
  const points = numberOf(score);
  return points !== undefined && points >= 0 && points <= 10 ? points / 10 : undefined;
}

const confidence: Place = (described, value) => {
  const share = shareOf(value);
  if (share === undefined) return false;
  described.confidence = share;
  return true;
};

const places = { timestamp: created, quality_score: confidence } as const;
