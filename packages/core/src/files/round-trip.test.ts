import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileKinds } from "./list.ts";
import { bytesSource, collect, pipeSource, readEverything, streamOf } from "./test-sources.ts";
import type { Json } from "../schema/json.ts";

/** Text with everything that separates, quotes or breaks lines somewhere. */
const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.stringMatching(/^[ab"',;|\t\n\r\\[\]{}=+@\u2028\0ü世😀-]{0,12}$/u));
const name = fc.oneof(
  fc.constantFrom("id", "text", "messages", "data", "__proto__"),
  text.filter((value) => value.trim() !== ""),
);
/**
 * The platform's `JSON.parse` takes a key with an escape for an earlier key that holds a backslash and begins with the same letters.
 *
 * @see {@link https://github.com/nodejs/node/issues/63785}
 */
const keysAreSafe = (json: unknown): boolean => !JSON.stringify(json).includes("\\\\");
/** As other programs write and read it: `-0` is no value of its own in JSON. */
const value: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc
    .jsonValue({ maxDepth: 3 })
    .filter(keysAreSafe)
    .map((found): Json => JSON.parse(JSON.stringify(found))),
);
const objects = fc.array(fc.dictionary(name.filter(keysAreSafe), value));

const rowsByKind: Readonly<Record<string, fc.Arbitrary<readonly Json[]>>> = {
  jsonl: objects,
  json: objects,
  csv: tables(),
  tsv: tables(),
  parquet: tables(),
};

describe.each(fileKinds.map((kind) => [kind.name, kind] as const))("%s", (kindName, kind) => {
  const rows = rowsByKind[kindName] ?? fc.constant([]);

  test("has rows to try it with", () => {
    expect(rowsByKind).toHaveProperty(kindName);
  });

  test("reads what it wrote, in chunks of any size, from a file and from a pipe", async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 50 }), async (written, chunkBytes) => {
        const bytes = await collect(kind.write(streamOf(written), { escapeFormulas: false }));
        const pipes = kind.randomAccess === true ? [] : [pipeSource(bytes, chunkBytes)];
        for (const source of [bytesSource(bytes), bytesSource(bytes, chunkBytes), ...pipes]) {
          const { values, problems } = await readEverything(kind, source);
          expect(problems).toEqual([]);
          expect(JSON.stringify(values)).toBe(JSON.stringify(written));
        }
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  test("writes the same bytes for the same rows", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        const once = await collect(kind.write(streamOf(written), {}));
        expect(once.equals(await collect(kind.write(streamOf(written), {})))).toBe(true);
        expect(once.subarray(0, 3).equals(Buffer.from("\ufeff"))).toBe(false);
      }),
    );
  });
});

function tables(): fc.Arbitrary<readonly Json[]> {
  return fc
    .uniqueArray(name, { minLength: 1, maxLength: 5 })
    .chain((names) =>
      fc.array(fc.tuple(...names.map(() => text)).map((cells) => Object.fromEntries(names.map((column, at) => [column, cells[at] ?? ""])))),
    )
    .map((rows): readonly Json[] => rows);
}
