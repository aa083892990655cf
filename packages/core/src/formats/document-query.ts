import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";
import { firstOf, mostRows, noObject, quoted, rowOf, textOf } from "./columns.ts";
import { actorOf, signalId, timeOf, wordOf } from "./document-fields.ts";
import type { Format, Reading } from "./format.ts";
import type { Draft } from "./reading.ts";
import { isList, refuse } from "./reading.ts";

/**
 * Document 5's query log: what was searched for and how good the sources were that it found. Each line is one signal `query` and no
 * example.
 *
 * The document shows no line of it; `results` (or `sources`) hold URLs or objects with `url` and `quality`, other columns are kept.
 */
export const documentQuery: Format = {
  name: "document-query",
  title: "lines of a query log, as document 5 describes them",
  kinds: ["extraction"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "refuses",

  detect(sample) {
    const list = listColumns.find((column) =>
      mostRows(sample, (row) => wordsOf(row) !== undefined && "timestamp" in row && isList(row[column])),
    );
    return list === undefined ? undefined : { reason: `the rows hold ${quoted(["timestamp", "query", list])}: searches`, specificity: 75 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, ["metadata", ...listColumns]);
    return row === undefined ? noObject : readQuery(row);
  },
};

const listColumns = ["results", "sources"] as const;

/** What was searched for. */
function wordsOf(row: JsonObject): string | undefined {
  return textOf(row["query"]) ?? textOf(row["search_query"]);
}

function readQuery(row: JsonObject): Reading {
  const query = wordsOf(row);
  const at = timeOf(row["timestamp"]);
  if (query === undefined) return refuse("incomplete", "there is no `query`");
  if (at === undefined) return refuse("incomplete", "there is no `timestamp` that is a time");
  const column = firstOf(row, listColumns);
  const list = column === undefined ? [] : row[column];
  if (!isList(list)) return refuse("shape", `${quoted([column ?? ""])} is no list`);
  const results = list.map(resultOf);
  const broken = results.indexOf(undefined);
  if (broken !== -1) return refuse("shape", `result ${broken + 1} has no url`);
  const metadata = isJsonObject(row["metadata"]) ? row["metadata"] : {};
  const person = wordOf(metadata["user_id"]) ?? wordOf(row["user_id"]);
  const rest = Object.entries({ ...row, ...metadata }).filter(
    ([name, value]) => value !== null && !taken.includes(name) && name !== column,
  );
  const payload = { ...Object.fromEntries(rest), query, results: results.filter((result) => result !== undefined) };
  const signal: Draft<Signal> = { id: signalId(row), kind: "query", at, payload };
  if (person !== undefined) signal.actor = actorOf(person);
  return { examples: [], signals: [signal] };
}

const taken = ["timestamp", "query", "search_query", "metadata", "user_id"];

/** A page that a search gave, with what is known of its quality. */
function resultOf(result: Json): JsonObject | undefined {
  if (typeof result === "string") return { url: result };
  if (!isJsonObject(result)) return undefined;
  const { url, source_url: sourceUrl, quality, quality_score: score, ...rest } = result;
  const address = url ?? sourceUrl;
  if (typeof address !== "string") return undefined;
  const judged = quality ?? score;
  return { ...rest, url: address, ...(judged === undefined ? {} : { quality: judged }) };
}
