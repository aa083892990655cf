import { readdir } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Content } from "../schema/content.ts";
import { exampleToJson } from "../schema/example.ts";
import { identityOf } from "../schema/identity.ts";
import type { Manifest } from "../schema/manifest.ts";
import { rowToExample } from "../schema/row.ts";
import { contentToColumns } from "../schema/row-content.ts";
import { canonicalJson } from "../text/canonical.ts";
import { putJson } from "../objects/objects.ts";
import { commitVersion } from "./commit.ts";
import type { Bench } from "./contract.ts";
import { addExamples, exampleId, exampleRow, openBench } from "./contract.ts";
import type { DiffOptions } from "./diff.ts";
import { diffVersions } from "./diff.ts";
import type { DiffSide } from "./diff-sides.ts";
import type { VersionDiff } from "./diff-tally.ts";
import { readManifest } from "./manifest.ts";
import { readVersion } from "./read-version.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);
type Change = Parameters<Bench["storage"]["change"]>[0][number]["set"];
const edit = (number: number, set: Change) =>
  bench.storage.change([{ id: exampleId(number), set }], { actor: "user:test", atMs: 1_800_000_000_000, op: "edit" });
const rewrite = (number: number, content: Content) => {
  const { contentHash, inputHash } = identityOf(content);
  return edit(number, { ...contentToColumns(content), content_hash: contentHash, input_hash: inputHash });
};
const commit = async (): Promise<DiffSide & { readonly kind: "version" }> => ({
  kind: "version",
  manifest: (await commitVersion({ ...bench.commit, dataset: "d" })).manifest,
});
const pool = (): DiffSide => ({ kind: "pool", storage: bench.storage, dataset: "d", recipe: { format: 1, from: "pool" }, nowMs: 0 });
const diff = (before: DiffSide, after: DiffSide, more: Partial<DiffOptions> = {}): Promise<VersionDiff> =>
  diffVersions({ objects: bench.objects, duck: bench.duck, before, after, limit: 100, ...more });

test("says which examples came, went and changed, by field, with both values", async () => {
  await addExamples(bench.storage, range(0, 100));
  const before = await commit();
  await addExamples(bench.storage, range(200, 203));
  await edit(10, { lifecycle: "archived" });
  await edit(20, { quality_tier: "gold", tags: '["a"]' });
  await rewrite(21, {
    kind: "chat",
    messages: [
      { role: "user", content: "q21" },
      { role: "assistant", content: "better" },
    ],
  });
  const found = await diff(before, await commit());
  expect(found).toMatchObject({ added: 3, removed: 1, changed: 2 });
  expect(found.examples.added.map(({ id }) => id)).toEqual(range(200, 203).map(exampleId));
  expect(found.examples.removed).toMatchObject([{ id: exampleId(10), kind: "text", lifecycle: "active" }]);
  expect(found.fields).toEqual(["updatedAt", "messages", "quality.tier", "tags"].map((field, i) => ({ field, examples: i === 0 ? 2 : 1 })));
  const [tier, messages] = found.examples.changed;
  expect(tier).toMatchObject({ id: exampleId(20), kind: "text" });
  expect(tier?.changes).toContainEqual({ field: "quality.tier", before: "silver", after: "gold" });
  expect(tier?.changes).toContainEqual({ field: "tags", before: [], after: ["a"] });
  expect(messages?.changes.find(({ field }) => field === "messages")?.after).toEqual([
    { role: "user", content: "q21" },
    { role: "assistant", content: "better" },
  ]);
  expect(found.transitions).toEqual([{ field: "quality.tier", before: "silver", after: "gold", examples: 1 }]);
});

const intent = (number: number, label: string | undefined): Content => ({
  kind: "classification",
  text: `where is order ${number}`,
  labels: label === undefined ? {} : { intent: label },
  entities: [],
});

test("follows labels from one to the other, also from none and to none", async () => {
  const labels = ["order", "order", "order", "greeting", undefined] as const;
  await addExamples(bench.storage, range(0, 5), (row) => ({
    row: exampleRow(Number(row.id.slice(3)), intent(Number(row.id.slice(3)), labels[Number(row.id.slice(3))])),
  }));
  const before = await commit();
  for (const [number, label] of [
    [0, "refund"],
    [1, "refund"],
    [3, undefined],
    [4, "order"],
  ] as const)
    await rewrite(number, intent(number, label));
  const found = await diff(before, await commit(), { fields: ["labels"] });
  expect(found.fields).toEqual([{ field: "labels.intent", examples: 4 }]);
  expect(found.transitions).toEqual([
    { field: "labels.intent", before: "order", after: "refund", examples: 2 },
    { field: "labels.intent", before: "greeting", examples: 1 },
    { field: "labels.intent", after: "order", examples: 1 },
  ]);
  expect(found.otherTransitions).toBe(0);
});

test("compares only the fields that are asked for, and knows those there are", async () => {
  await addExamples(bench.storage, range(0, 30));
  const before = await commit();
  await edit(1, { topic: "soil" });
  await edit(2, { feedback: "good" });
  await rewrite(3, {
    kind: "chat",
    messages: [
      { role: "user", content: "q3" },
      { role: "assistant", content: "better" },
    ],
  });
  const after = await commit();
  expect(await diff(before, after, { fields: ["topic"] })).toMatchObject({ changed: 1, fields: [{ field: "topic", examples: 1 }] });
  const messages = await diff(before, after, { fields: ["messages", "feedback"] });
  expect(messages.examples.changed.map(({ id, changes }) => [id, changes.map(({ field }) => field)])).toEqual([
    [exampleId(2), ["feedback"]],
    [exampleId(3), ["messages"]],
  ]);
  await expect(diff(before, after, { fields: ["mesages"] })).rejects.toThrow("the nearest is messages");
});

test("what is not committed yet is compared as a commit would take it, and leaves no file behind", async () => {
  await addExamples(bench.storage, range(0, 200));
  const before = await commit();
  const objectsThere = async (): Promise<number> => (await Array.fromAsync(bench.objects.list("objects/"))).length;
  expect(await diff(before, pool())).toMatchObject({ added: 0, removed: 0, changed: 0, fields: [], transitions: [] });
  const there = await objectsThere();
  await edit(50, { topic: "soil" });
  await addExamples(bench.storage, [500]);
  const uncommitted = await diff(before, pool());
  expect(uncommitted).toMatchObject({ added: 1, removed: 0, changed: 1 });
  expect(await objectsThere()).toBe(there);
  expect(await diff(pool(), before)).toMatchObject({ added: 0, removed: 1, changed: 1 });
  expect(await diff(before, await commit())).toEqual(uncommitted);
  const files = await readdir(join(bench.folder, "store", "tmp"), { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile())).toEqual([]);
});

test("a first version has everything that came before it: nothing", async () => {
  await addExamples(bench.storage, range(0, 60));
  const found = await diff({ kind: "nothing" }, await commit(), { limit: 5 });
  expect(found).toMatchObject({ added: 60, removed: 0, changed: 0 });
  expect(found.examples.added.map(({ id }) => id)).toEqual(range(0, 5).map(exampleId));
});

test("reads no chunk that both versions have", async () => {
  await addExamples(bench.storage, range(0, 400));
  const before = await commit();
  await edit(150, { topic: "soil" });
  const after = await commit();
  const read = new Set<string>();
  const objects = { ...bench.objects, local: (key: string) => bench.objects.local((read.add(key), key)) };
  expect(await diff(before, after, { objects })).toMatchObject({ added: 0, removed: 0, changed: 1 });
  expect(read.size).toBe(2);
});

test("a version of an earlier program, which counted no statistics, is read like any other", async () => {
  await addExamples(bench.storage, range(0, 20));
  const { statistics, ...earlier } = (await commit()).manifest;
  expect(statistics?.counts["kind"]?.values.map(({ value, rows }) => [value, rows])).toEqual([
    ["chat", 10],
    ["text", 10],
  ]);
  const manifest = await readManifest(bench.objects, await putJson(bench.objects, earlier));
  expect(manifest).toEqual(earlier);
  await edit(3, { topic: "soil" });
  expect(await diff({ kind: "version", manifest }, pool())).toMatchObject({ added: 0, removed: 0, changed: 1 });
});

test("stops when told to", async () => {
  await addExamples(bench.storage, range(0, 30));
  await expect(diff({ kind: "nothing" }, await commit(), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});

/** Contents of every kind that keep apart by their number. */
const contents: readonly ((number: number, word: string) => Content)[] = [
  (number, word) => ({ kind: "text", text: `${word} ${number}` }),
  (number, word) =>
    ({ ...intent(number, word), labels: { intent: word, ...(number % 2 === 0 ? { categories: [word, "b"] } : {}) } }) as Content,
  (number, word) => ({
    kind: "chat",
    messages: [
      { role: "user", content: `q${number}` },
      { role: "assistant", content: word },
    ],
  }),
  (number, word) => ({
    kind: "chat",
    messages: [
      { role: "user", content: `q${number}` },
      { role: "assistant", content: "", toolCalls: [{ id: "1", name: word, arguments: { number } }] },
    ],
    context: word,
  }),
  (number, word) => ({
    kind: "preference",
    prompt: [{ role: "user", content: `q${number}` }],
    chosen: [{ role: "assistant", content: word }],
    rejected: [{ role: "assistant", content: "no" }],
    ...(word === "x" ? {} : { reason: word }),
  }),
  (number, word) => ({
    kind: "rating",
    prompt: [{ role: "user", content: `q${number}` }],
    completion: [{ role: "assistant", content: "a" }],
    label: word === "x",
  }),
  (number, word) => ({
    kind: "extraction",
    document: { title: word, content: `d${number}` },
    items: [{ id: "1", text: word, category: "c" }],
  }),
  (number, word) => ({ kind: "steps", prompt: `p${number}`, steps: [{ text: word, correct: word === "x" }] }),
];
const contentOf = (number: number, word: string, turn: number): Content => {
  const made = contents[(number + turn) % contents.length];
  if (made === undefined) throw new Error("no content");
  return made(number, word);
};
const sets: readonly Change[] = [
  { topic: "soil" },
  { topic: null },
  { quality_tier: "gold", quality_score: 0.93 },
  { verified_accurate: 0 },
  { metadata: '{"model":"m1"}' },
  { review_status: "rejected" },
  { created_at: 1_690_000_000_123 },
];

const step = fc.oneof(
  fc.record({ do: fc.constant("add" as const), from: fc.nat(120), count: fc.nat(40) }),
  fc.record({ do: fc.constant("remove" as const), number: fc.nat(120) }),
  fc.record({ do: fc.constant("set" as const), number: fc.nat(120), which: fc.nat(sets.length - 1) }),
  fc.record({ do: fc.constant("rewrite" as const), number: fc.nat(120), word: fc.constantFrom("x", "y", "z"), turn: fc.nat(1) }),
);

test(
  "property: equals a comparison of every field of every example, whatever happened between the versions",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 12 }), { minLength: 2, maxLength: 4 }), async (commits) => {
        await bench.close();
        bench = await openBench();
        await addExamples(bench.storage, range(0, 40), (row) => ({
          row: exampleRow(Number(row.id.slice(3)), contentOf(Number(row.id.slice(3)), "x", 0)),
        }));
        const versions = [await commit()];
        for (const steps of commits) {
          for (const one of steps) await apply(one);
          versions.push(await commit());
        }
        const told = await Promise.all(versions.map(async (version) => ({ version, fields: await fieldsById(version.manifest) })));
        for (const [i, before] of told.entries()) for (const after of told.slice(i + 1)) await expectExact(before, after);
        const { added, removed, changed } = await diff(await commit(), pool());
        expect([added, removed, changed]).toEqual([0, 0, 0]);
      }),
      { numRuns: 5 },
    );
  },
);

async function apply(one: typeof step extends fc.Arbitrary<infer Step> ? Step : never): Promise<void> {
  switch (one.do) {
    case "add":
      return addExamples(bench.storage, range(one.from, one.from + one.count), (row) => {
        const number = Number(row.id.slice(3));
        return { row: exampleRow(number, contentOf(number, "x", 0)), ...(number % 9 === 0 ? { subjectId: "cd".repeat(16) } : {}) };
      });
    case "remove":
      await edit(one.number, { lifecycle: "archived" });
      return;
    case "set":
      await edit(one.number, sets[one.which] ?? {});
      return;
    case "rewrite":
      await rewrite(one.number, contentOf(one.number, one.word, one.turn));
  }
}

type Fields = ReadonlyMap<string, string>;

interface Told {
  readonly version: DiffSide & { readonly kind: "version" };
  readonly fields: ReadonlyMap<string, Fields>;
}

async function expectExact({ version: before, fields: old }: Told, { version: after, fields: now }: Told): Promise<void> {
  const found = await diff(before, after, { limit: 1_000, windowRows: 60 });
  const changed = [...old].flatMap(([id, fields]) => {
    const other = now.get(id);
    if (other === undefined) return [];
    const differing = [...new Set([...fields.keys(), ...other.keys()])].filter((field) => fields.get(field) !== other.get(field)).sort();
    return differing.length === 0 ? [] : [{ id, differing }];
  });
  const names = changed.flatMap(({ differing }) => differing);
  expect(found.examples.added.map(({ id }) => id)).toEqual([...now.keys()].filter((id) => !old.has(id)));
  expect(found.examples.removed.map(({ id }) => id)).toEqual([...old.keys()].filter((id) => !now.has(id)));
  expect(found.examples.changed.map(({ id, changes }) => ({ id, differing: changes.map(({ field }) => field).sort() }))).toEqual(changed);
  expect([found.added, found.removed, found.changed]).toEqual([found.examples.added.length, found.examples.removed.length, changed.length]);
  expect(new Map(found.fields.map(({ field, examples }) => [field, examples]))).toEqual(
    new Map([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length])),
  );
  for (const { id, changes } of found.examples.changed) {
    for (const { field, before: one, after: other } of changes) {
      expect([one, other].map((value) => (value === undefined ? undefined : canonicalJson(value)))).toEqual([
        old.get(id)?.get(field),
        now.get(id)?.get(field),
      ]);
    }
  }
  expect(new Set(found.transitions.map(({ field }) => field))).toEqual(new Set(names.filter((name) => followed.has(name))));
  for (const { field, before: one, after: other, examples } of found.transitions) {
    const text = (value: string | undefined): string | undefined =>
      value === undefined || field === "label" ? value : canonicalJson(value);
    const moved = [...old].filter(
      ([id, fields]) => now.has(id) && fields.get(field) === text(one) && now.get(id)?.get(field) === text(other),
    );
    expect({ field, one, other, examples }).toEqual({ field, one, other, examples: moved.length });
  }
}

const followed = new Set(["kind", "labels.intent", "labels.sentiment", "labels.persona", "label", "quality.tier", "reviewStatus"]);
const unversioned = new Set(["id", "rev", "contentHash", "inputHash", "quality.factors"]);

/** Every field of every example as text: what the answer is measured by. */
async function fieldsById(manifest: Manifest): Promise<ReadonlyMap<string, Fields>> {
  const rows = (await Array.fromAsync(readVersion({ objects: bench.objects, duck: bench.duck, manifest }))).flat();
  return new Map(
    rows.map((row) => {
      const [subjectId] = row.subjects;
      const json = exampleToJson(rowToExample(row, subjectId === undefined ? {} : { subjectId }));
      const members = Object.entries(json).flatMap(([name, value]) =>
        ["labels", "document", "quality"].includes(name)
          ? Object.entries(value as object).map(([part, inner]) => [`${name}.${part}`, inner])
          : [[name, value]],
      );
      return [row.id, new Map(members.filter(([name]) => !unversioned.has(name)).map(([name, value]) => [name, canonicalJson(value)]))];
    }),
  );
}
