import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectFileKind } from "../../packages/core/src/files/detect.ts";
import { fileSource } from "../../packages/core/src/files/source.ts";
import { readEverything } from "../../packages/core/src/files/test-sources.ts";
import { checkMap, compileMap } from "../../packages/core/src/formats/mapping.ts";
import { parseMapArguments, printMap } from "../../packages/core/src/formats/mapping-parse.ts";
import type { Content } from "../../packages/core/src/schema/content.ts";
import type { ImportMap } from "../../packages/core/src/schema/config.ts";
import type { NewExample } from "../../packages/core/src/schema/example.ts";
import { dataSet } from "./data-folder.ts";

const tweets = dataSet("tweets_engagement_obama");
const llmbar = dataSet("llmbar");
const seeds = dataSet("self_instruct_seed");

const posts: ImportMap = {
  kind: "'text'",
  text: "text|unescape",
  createdAt: "created_at|date(M/D/YY H:mm)",
  sourceId: "url",
  "engagement.likes": "favorites|int",
  "engagement.reposts": "retweets|int",
  "engagement.replies": "replies|int",
};
const judged: ImportMap = { kind: "'preference'", "prompt[user]": "input", chosen: "output_{label}", rejected: "output_{label|swap(1,2)}" };

test.skipIf(tweets === undefined)(
  "3,207 posts with their engagement and time (skipped where tweets_engagement_obama is missing)",
  async () => {
    const file = join(tweets ?? "", "BarackObama.csv");
    const { examples, refused } = await importBy(posts, file);
    expect({ examples: examples.length, refused }).toEqual({ examples: 3_207, refused: [] });

    // The columns once more, cut out of the bytes from the end of each record by nobody's reader but this one.
    const records = readFileSync(file, "latin1").matchAll(/,(\d+),(\d+),(\d+),BarackObama(?=\n|$)/g);
    const sums = { replies: 0, reposts: 0, likes: 0 };
    for (const [, replies, retweets, favorites] of records) {
      sums.replies += Number(replies);
      sums.reposts += Number(retweets);
      sums.likes += Number(favorites);
    }
    expect(sums.likes).toBeGreaterThan(44_000_000);
    for (const count of ["replies", "reposts", "likes"] as const) {
      expect(examples.reduce((sum, { engagement }) => sum + (engagement?.[count] ?? 0), 0)).toBe(sums[count]);
    }

    expect(examples[0]?.createdAt).toBe("2017-10-16T22:59:00.000Z");
    expect(textOf(examples[1])).toContain("Michelle & I are praying");
    expect(examples.filter((example) => /&(?:amp|lt|gt);/.test(textOf(example)))).toEqual([]);
    expect(new Set(examples.map(({ sourceId }) => sourceId)).size).toBe(3_207);
    expect(examples.every(({ metadata }) => JSON.stringify(metadata) === '{"user":"BarackObama"}')).toBe(true);
  },
);

test.skipIf(llmbar === undefined)(
  "885 judged pairs whose chosen answer is the labelled one (skipped where llmbar is missing)",
  async () => {
    const files = readdirSync(llmbar ?? "").filter((name) => name.endsWith(".json") && !name.startsWith("_"));
    let pairs = 0;
    for (const name of files) {
      const file = join(llmbar ?? "", name);
      const rows: readonly { input: string; output_1: string; output_2: string; label: number }[] = JSON.parse(readFileSync(file, "utf8"));
      const { examples, refused } = await importBy(judged, file);
      expect(refused).toEqual([]);
      expect(examples.map((example) => contentOf(example))).toEqual(
        rows.map(({ input, output_1, output_2, label }) => ({
          kind: "preference",
          prompt: [{ role: "user", content: input }],
          chosen: [{ role: "assistant", content: label === 1 ? output_1 : output_2 }],
          rejected: [{ role: "assistant", content: label === 1 ? output_2 : output_1 }],
          metadata: { label },
        })),
      );
      pairs += examples.length;
    }
    expect([files.length, pairs]).toEqual([8, 885]);
  },
);

test.skipIf(seeds === undefined)("175 seed tasks out of their nested instance (skipped where self_instruct_seed is missing)", async () => {
  const map = parseMapArguments([
    "messages[user]=instruction",
    "messages[user]=instances[0].input",
    "messages[assistant]=instances[0].output",
    "sourceId=id",
    "topic=name",
  ]);
  const { examples, refused } = await importBy(map, join(seeds ?? "", "seed_tasks.jsonl"));
  expect({ examples: examples.length, refused }).toEqual({ examples: 175, refused: [] });
  const turns = examples.map((example) => (example.kind === "chat" ? example.messages.length : 0));
  // 50 tasks have no input: their question is the instruction alone.
  expect([turns.filter((count) => count === 2).length, turns.filter((count) => count === 3).length]).toEqual([50, 125]);
  expect(examples[1]).toEqual({
    kind: "chat",
    messages: [
      { role: "user", content: "What is the relation between the given pairs?" },
      { role: "user", content: "Night : Day :: Right : Left" },
      { role: "assistant", content: "The relation between the given pairs is that they are opposites." },
    ],
    sourceId: "seed_task_1",
    topic: "antonym_relation",
    metadata: { is_classification: false },
  });
});

test.skipIf(tweets === undefined)(
  "a mistyped column is told before anything is read (skipped where tweets_engagement_obama is missing)",
  async () => {
    await expect(importBy({ ...posts, "engagement.likes": "favourites|int" }, join(tweets ?? "", "BarackObama.csv"))).rejects.toMatchObject(
      {
        code: "map/unknown-column",
        details: { column: "favourites", hint: "The nearest is favorites." },
      },
    );
  },
);

interface Imported {
  readonly examples: readonly NewExample[];
  readonly refused: readonly string[];
}

/** Reads a file through the map, once as it was given and once printed and parsed again. */
async function importBy(map: ImportMap, file: string): Promise<Imported> {
  const source = await fileSource(file);
  const { kind } = await detectFileKind(source);
  const { values } = await readEverything(kind, source);
  const [given, printed] = [map, parseMapArguments(printMap(map))].map((spelling) => {
    const format = compileMap(spelling);
    checkMap(format, values);
    const readings = values.map((row) => format.read?.(row, { fileKind: kind.name }));
    return {
      examples: readings.flatMap((reading) => (reading !== undefined && "examples" in reading ? reading.examples : [])),
      refused: readings.flatMap((reading) => (reading !== undefined && "refused" in reading ? [reading.reason] : [])),
    };
  });
  expect(printed).toEqual(given);
  return given ?? { examples: [], refused: [] };
}

function textOf(example: NewExample | undefined): string {
  return example?.kind === "text" ? example.text : "";
}

function contentOf(example: NewExample): Content {
  return example;
}
