import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { signalSchema } from "../schema/signal.ts";
import { refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentQuery } from "./document-query.ts";

/** Document 5, "Query logs - Search queries + source quality metrics": it shows no line, this is one. */
const sample = {
  timestamp: "2024-11-20T10:00:00Z",
  stage: "query",
  topic: "value investing",
  query: "buffett alphabet stake",
  results: [{ url: "https://example.com/article", quality: 8.5 }],
  avg_quality: 8.5,
  metadata: { user_id: 1 },
};

function read(row: Json): Json {
  const reading = documentQuery.read?.(row, { fileKind: "jsonl" });
  if (reading === undefined || "refused" in reading) throw new Error("was not read");
  for (const signal of reading.signals ?? []) expect(signalSchema.safeParse(signal).success).toBe(true);
  return JSON.parse(JSON.stringify(reading));
}

test("a line of the query log is one signal with its query, its results and all else it says", () => {
  expect(read(sample)).toEqual({
    examples: [],
    signals: [
      {
        id: expect.stringMatching(/^[0-9a-f]{26}$/),
        kind: "query",
        at: "2024-11-20T10:00:00.000Z",
        actor: expect.stringMatching(/^[0-9a-f]{26}$/),
        payload: {
          query: "buffett alphabet stake",
          results: [{ url: "https://example.com/article", quality: 8.5 }],
          stage: "query",
          topic: "value investing",
          avg_quality: 8.5,
        },
      },
    ],
  });
});

test("reads bare URLs and other names of the same", () => {
  const { results: _, query: __, ...rest } = sample;
  const row = { ...rest, search_query: "a", sources: ["https://a", { source_url: "https://b", quality_score: 7, rank: 2 }] };
  expect(read(row)).toMatchObject({
    signals: [{ payload: { query: "a", results: [{ url: "https://a" }, { url: "https://b", quality: 7, rank: 2 }] } }],
  });
});

test("is recognised by its names, and no question with an answer is taken for one", () => {
  expect(detectFormat({ rows: [sample], fileKind: "jsonl" })).toEqual({
    format: documentQuery,
    reason: "the rows hold `timestamp`, `query` and `results`: searches",
  });
  expect(detectFormat({ rows: [{ timestamp: "2024-11-20", query: "a", answer: "b" }], fileKind: "jsonl" }).format.name).toBe(
    "prompt-response",
  );
});

test.each<[string, Json, string]>([
  ["no query", { ...sample, query: null }, "incomplete"],
  ["no time", { ...sample, timestamp: null }, "incomplete"],
  ["results that are none", { ...sample, results: "secret" }, "shape"],
  ["a result without its address", { ...sample, results: [{ title: "secret" }] }, "shape"],
  ["no object", "secret", "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(documentQuery, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
