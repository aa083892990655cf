import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sha256File, sha256Half, sha256Hex, toHex } from "./hash.ts";

const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("gives the standard's own value for abc", () => {
  expect(sha256Hex("abc")).toBe(abc);
  expect(toHex(sha256Half("abc"))).toBe(abc.slice(0, 32));
});

test("hashes a file as it hashes its bytes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tilth-hash-"));
  try {
    const path = join(folder, "abc");
    await writeFile(path, "abc");
    expect(await sha256File(path)).toEqual({ sha256: abc, sizeBytes: 3 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("an identity is the first half of the hash, of texts and of bytes", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 100 })), (data) => {
      expect(toHex(sha256Half(data))).toBe(sha256Hex(data).slice(0, 32));
    }),
  );
});
