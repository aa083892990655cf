import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { unpackedSource } from "../files/compression.ts";
import { bytesSource, collect } from "../files/test-sources.ts";
import { countedSource } from "./counted-source.ts";

const bytes = Buffer.from("one line\nanother line\n".repeat(1_000));
const facts = { sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };

test("counts the last reading, not the looks before it", async () => {
  const counted = countedSource(bytesSource(bytes, 512));
  await counted.source.head(100);
  for await (const _ of counted.source.open()) break;
  expect(await collect(counted.source.open())).toEqual(bytes);
  expect(counted.facts()).toEqual(facts);
});

test("counts packed bytes as they lie there, and passes on what the source tells", async () => {
  const packed = gzipSync(bytes);
  const counted = countedSource(bytesSource(packed, 64));
  const notes: string[] = [];
  let consumedBytes = 0;
  const unpacked = await unpackedSource(counted.source);
  expect(await collect(unpacked.open({ note: ({ what }) => notes.push(what), consumed: (count) => (consumedBytes = count) }))).toEqual(
    bytes,
  );
  expect(counted.facts()).toEqual({ sizeBytes: packed.length, sha256: createHash("sha256").update(packed).digest("hex") });
  expect([notes, consumedBytes]).toEqual([["packing"], packed.length]);
});
