import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { readOne, refusalOf } from "./contract.ts";
import { detectFormat } from "./detect.ts";
import { documentPost } from "./document-post.ts";

/** Document 1, "Sample Format", with one of each of its alternatives. */
const sample = {
  id: "sample_001",
  text: "The actual content...",
  type: "gm",
  topic: "data_ownership",
  style: "short",
  created_at: "2026-01-07T10:00:00Z",
  engagement: { likes: 150, retweets: 30, replies: 10, impressions: 5000 },
  features: {
    has_emoji: true,
    emoji_list: ["🎀", "🧹"],
    has_ascii_art: false,
    has_thread: false,
    has_mentions: true,
    mention_list: ["@codatta_io"],
    has_hashtags: false,
    tone: "critical",
    word_count: 25,
    char_count: 120,
  },
  freshness_score: 0.85,
  quality_score: 0.92,
  last_used: "2026-01-05T14:30:00Z",
  use_count: 3,
  performance_trend: "improving",
};

test("every field of document 1's sample lands in its place", () => {
  expect(readOne(documentPost, sample, "json")).toEqual({
    kind: "text",
    text: "The actual content...",
    sourceId: "sample_001",
    sourceKind: "post",
    type: "gm",
    topic: "data_ownership",
    style: "short",
    createdAt: "2026-01-07T10:00:00.000Z",
    engagement: { likes: 150, reposts: 30, replies: 10, impressions: 5000 },
    features: sample.features,
    metadata: {
      freshness_score: 0.85,
      quality_score: 0.92,
      last_used: "2026-01-05T14:30:00Z",
      use_count: 3,
      performance_trend: "improving",
    },
  });
});

test("reads a table of posts with a column for each count", () => {
  const row = {
    text: "gm",
    type: "gm",
    likes: "150",
    retweets: "20",
    replies: "",
    impressions: "5000",
    views: "7",
    features: '{"has_emoji":true}',
  };
  expect(readOne(documentPost, row, "csv")).toEqual({
    kind: "text",
    text: "gm",
    sourceKind: "post",
    type: "gm",
    engagement: { likes: 150, reposts: 20, impressions: 5000 },
    features: { has_emoji: true },
    metadata: { views: "7" },
  });
});

test("keeps counts that are none, and counts of other names", () => {
  const row = { text: "gm", source: "tweet", engagement: { likes: 1, retweets: -1, quotes: 4, replies: null }, likes: 2, features: "many" };
  expect(readOne(documentPost, row)).toEqual({
    kind: "text",
    text: "gm",
    source: "tweet",
    engagement: { likes: 1 },
    metadata: { engagement: { retweets: -1, quotes: 4 }, likes: 2, features: "many" },
  });
});

test.each<[string, Json, "json" | "csv", string]>([
  ["a whole sample", sample, "json", "the rows hold `text` and `engagement`: posts"],
  ["a table", { text: "gm", likes: "1" }, "csv", "the rows hold `text` and `likes`: posts"],
  ["what the add command takes", { text: "gm", features: { has_emoji: true } }, "json", "the rows hold `text` and `features`: posts"],
])("recognises %s", (_, row, fileKind, reason) => {
  expect(detectFormat({ rows: [row, row], fileKind })).toEqual({ format: documentPost, reason });
});

test.each<[string, Json]>([
  ["tweets whose counts have other names", { text: "a", replies: "1", retweets: "2", favorites: "3" }],
  ["a text with an intent", { text: "a", intent: "b", likes: 1 }],
])("leaves %s to others", (_, row) => {
  expect(documentPost.detect?.({ rows: [row], fileKind: "csv" })).toBeUndefined();
});

test.each<[string, Json, string]>([
  ["no text", { likes: 1 }, "incomplete"],
  ["a text that is a list", { text: ["secret"], likes: 1 }, "shape"],
  ["no object", ["secret"], "shape"],
])("refuses %s without showing content", (_, row, code) => {
  const { refused, reason } = refusalOf(documentPost, row);
  expect(refused).toBe(code);
  expect(reason).not.toContain("secret");
});
