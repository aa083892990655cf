import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFolderObjects } from "../objects/folder.ts";
import type { Objects } from "../objects/objects.ts";
import { canonicalJson } from "../text/canonical.ts";
import { headOf, listBranches, listVersions, parseReference, printReference, refKey, resolveVersion } from "./refs.ts";

let folder = "";
let objects: Objects;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-refs-"));
  objects = await openFolderObjects(folder);
  for (const seq of [1, 2, 3]) await addVersion("support", "main", seq, `1.${seq - 1}`);
  await addVersion("support", "trial", 1, "1.1");
  await addVersion("support", "trial", 2, "1.7");
  await addVersion("support", "other", 1, "1.8");
  await addVersion("support", "third", 1, "1.8");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function addVersion(dataset: string, branch: string, seq: number, label: string, revision = 0): Promise<void> {
  const entry = {
    format: 1,
    seq,
    revision,
    label,
    manifest: "0".repeat(63) + String(revision),
    op: "edit",
    at: "2026-01-01T00:00:00.000Z",
  };
  await objects.putIfAbsent(refKey({ dataset, branch }, seq, revision), Buffer.from(canonicalJson(entry)));
}

test.each([
  ["support", { dataset: "support", branch: "main", version: { kind: "latest" } }],
  ["support@latest", { dataset: "support", branch: "main", version: { kind: "latest" } }],
  ["support@1.4", { dataset: "support", branch: "main", version: { kind: "label", label: "1.4" } }],
  ["support@#42", { dataset: "support", branch: "main", version: { kind: "seq", seq: 42 } }],
  ["support@trial:1.4", { dataset: "support", branch: "trial", version: { kind: "label", label: "1.4" } }],
  ["My Data@pool", { dataset: "My Data", branch: "main", version: { kind: "pool" } }],
  ["a@b@golden", { dataset: "a@b", branch: "main", version: { kind: "tag", tag: "golden" } }],
])("reads %j", (text, reference) => {
  expect(parseReference(text)).toEqual(reference);
});

test.each(["", "@1.4", "support@", "support@#0", "support@a:b:c", "support@Üb:1.0", "support@../x"])("refuses %j", (text) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "input/invalid" }));
});

test("reads what it prints", () => {
  const version = fc.oneof(
    fc.constant({ kind: "latest" as const }),
    fc.nat().map((seq) => ({ kind: "seq" as const, seq: seq + 1 })),
    fc.tuple(fc.nat(99), fc.nat(99)).map(([a, b]) => ({ kind: "label" as const, label: `${a}.${b}` })),
  );
  fc.assert(
    fc.property(fc.constantFrom("a", "b c", "d@e"), fc.constantFrom("main", "trial"), version, (dataset, branch, wanted) => {
      const reference = { dataset, branch, version: wanted };
      expect(parseReference(printReference(reference))).toEqual(reference);
    }),
  );
});

test("a newer version, and a newer revision of it, come first in byte order", () => {
  const branch = { dataset: "d", branch: "main" };
  fc.assert(
    fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1 }), fc.nat(9_999), fc.nat(9_999), (a, b, r, s) => {
      const order = Buffer.compare(Buffer.from(refKey(branch, a, r)), Buffer.from(refKey(branch, b, s)));
      expect(Math.sign(order)).toBe(Math.sign(b - a || s - r));
    }),
  );
  expect(refKey(branch, 42)).toBe("refs/d/main/99999999999999999957-9999.json");
});

test("finds versions by label, by number and as the newest, on each branch", async () => {
  const seqOf = async (text: string): Promise<number> => (await resolveVersion(objects, parseReference(text))).seq;
  expect(await seqOf("support")).toBe(3);
  expect(await seqOf("support@1.1")).toBe(2);
  expect(await seqOf("support@#1")).toBe(1);
  expect(await seqOf("support@trial:1.1")).toBe(1);
  expect(await seqOf("support@trial:latest")).toBe(2);
  expect(await listBranches(objects)).toHaveLength(4);
});

test("says what there is when a version is not", async () => {
  await expect(resolveVersion(objects, parseReference("support@1.3"))).rejects.toThrow(/There are 1\.2, 1\.1, 1\.0/);
  await expect(resolveVersion(objects, parseReference("nothing"))).rejects.toThrow(/Nothing is committed there yet/);
  await expect(resolveVersion(objects, parseReference("support@1.7"))).rejects.toThrow(/Branch trial has it: support@trial:1\.7/);
  await expect(resolveVersion(objects, parseReference("support@1.8"))).rejects.toMatchObject({
    code: "version/ambiguous",
    details: { branches: "other, third" },
  });
});

test("of a version that was revised, only the newest revision is seen", async () => {
  await addVersion("revised", "main", 1, "1.0");
  await addVersion("revised", "main", 1, "1.0", 1);
  const entries = await Array.fromAsync(listVersions(objects, { dataset: "revised", branch: "main" }));
  expect(entries.map((entry) => entry.revision)).toEqual([1]);
});

test("an entry that is half written is absent while it is young, and damage later", async () => {
  const branch = { dataset: "torn", branch: "main" };
  await addVersion("torn", "main", 1, "1.0");
  const path = join(folder, ...refKey(branch, 2).split("/"));
  await writeFile(path, '{"format":1,"se');
  expect((await headOf(objects, branch))?.seq).toBe(1);
  await utimes(path, new Date(0), new Date(0));
  await expect(headOf(objects, branch)).rejects.toMatchObject({ code: "version/damaged" });
});
