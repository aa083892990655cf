// What every engine of the pool promises, as stories. One suite, longer than a file should be, since an engine passes all of it or none.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Content } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import { arbitraryExample } from "../schema/example.arbitrary.ts";
import { parseFilter } from "../schema/filter.ts";
import type { Finding } from "../schema/finding.ts";
import { identityOf } from "../schema/identity.ts";
import { exampleToRow, fromHex, rowToExample } from "../schema/row.ts";
import type { Signal } from "../schema/signal.ts";
import { toHex } from "../text/hash.ts";
import { createUlids, systemRandom } from "../text/ulid.ts";
import { hashEntry } from "./audit-chain.ts";
import { facetColumns } from "./counters.ts";
import { listClusters, listDuplicateSearches } from "./duplicates.ts";
import { listExamples } from "./examples.ts";
import { readHistory, undoOf } from "./history.ts";
import { readSetting } from "./settings.ts";
import type { CaptureOptions, DuplicateMark, MarkOptions, NewRow, RowChange, SearchHit, SearchOptions, Storage } from "./storage.ts";
import { exampleColumns } from "./tables.ts";

/** An engine as the suite sees it. */
export interface Engine {
  /** Names a place where there is no pool yet. */
  newPlace(): string;
  /** Opens the pool at a place; opened twice, it is one pool with two writers. */
  open(place: string): Promise<Storage>;
}

const atMs = Date.UTC(2026, 0, 2);
const options: CaptureOptions = { actor: "user:ana", atMs, rulesVersion: "rules-1" };
const edit = { actor: "user:ben", atMs: atMs + 1_000, op: "edit", rulesVersion: "rules-2" } as const;
let clockMs = atMs;
const newId = createUlids({ nowMs: () => clockMs++ }, systemRandom);

/** A row as intake makes it. */
export function newRow(content: Content, more: Partial<Example> & Partial<Omit<NewRow, "row" | "tags">> = {}): NewRow {
  const { findings = [], scores = [], sourceIdIsIdentity = false, engagement, subjectId, ...fields } = more;
  const id = fields.id ?? newId();
  const { contentHash, inputHash } = identityOf(content);
  const at = new Date(atMs).toISOString();
  const example: Example = {
    id,
    rev: 1,
    source: "manual",
    sourceKind: "manual",
    groupKey: id,
    domain: "general",
    tags: [],
    weight: 1,
    quality: { tier: "unverified", factors: {} },
    reviewStatus: "pending",
    lifecycle: "active",
    includeInTraining: true,
    wasCorrected: false,
    validated: false,
    createdBy: "user:ana",
    createdAt: at,
    updatedAt: at,
    metadata: {},
    ...fields,
    ...content,
    contentHash: toHex(contentHash),
    inputHash: toHex(inputHash),
  };
  const hanging = { ...(engagement === undefined ? {} : { engagement }), ...(subjectId === undefined ? {} : { subjectId }) };
  return { row: exampleToRow(example), tags: example.tags, findings, scores, sourceIdIsIdentity, ...hanging };
}

/** A question and an answer. */
export function chat(question: string, answer: string): Content {
  const messages = [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ] as const;
  return { kind: "chat", messages };
}

const finding = (rule: string, severity: Finding["severity"] = "warning"): Finding => ({
  rule,
  severity,
  message: "something is odd",
  at: "",
});

/** The columns of an edit that gives an example other content. */
function saying(content: Content): RowChange["set"] {
  const { row } = newRow(content);
  return { input_text: row.input_text, output_text: row.output_text, content_hash: row.content_hash, input_hash: row.input_hash };
}

const search: MarkOptions = {
  runId: "run-1",
  strategy: "near",
  threshold: 0.8,
  shingleWords: 3,
  method: "exact",
  version: "kernels-1",
  actor: "user:ana",
  atMs: atMs + 2_000,
};

/** A mark as a search makes it. */
function near(id: string, witnessId: string, similarity = 0.9): DuplicateMark {
  return { id, witnessId, similarity, rule: "near-duplicate" };
}

/** Runs the contract over an engine. */
export function describeStorage(name: string, engine: Engine): void {
  describe(`a pool on ${name}`, () => {
    let place: string;
    let storage: Storage;

    beforeEach(async () => {
      place = engine.newPlace();
      storage = await engine.open(place);
    });
    afterEach(async () => {
      await expectWhole(storage);
      await storage.close();
    });

    const captureOne = async (row: NewRow, more: Partial<CaptureOptions> = {}) =>
      (await storage.capture([row], { ...options, ...more }))[0];
    const rowOf = (id: string) =>
      storage.read(({ queries }) => queries.selectFrom("example").selectAll().where("id", "=", id).executeTakeFirst());
    const exampleIds = () =>
      storage.read(async ({ queries }) => (await queries.selectFrom("example").select("id").orderBy("n").execute()).map(({ id }) => id));
    const counter = (facet: string, value: string) =>
      storage.read(async ({ queries }) => {
        const rows = await queries.selectFrom("counter").select("count").where("facet", "=", facet).where("value", "=", value).execute();
        return rows.reduce((sum, { count }) => sum + count, 0);
      });
    const findingsOf = (id: string) =>
      storage.read(({ queries }) =>
        queries
          .selectFrom("finding")
          .innerJoin("example", "example.n", "finding.n")
          .selectAll("finding")
          .where("example.id", "=", id)
          .orderBy("rule")
          .orderBy("ordinal")
          .execute(),
      );
    const members = (datasetId: string) =>
      storage.read(async ({ queries }) => {
        const rows = await queries
          .selectFrom("member")
          .innerJoin("example", "example.n", "member.n")
          .select("example.id")
          .where("dataset_id", "=", datasetId)
          .orderBy("example.n")
          .execute();
        return rows.map(({ id }) => id);
      });
    const makeDataset = (id: string) =>
      storage.transaction((queries) =>
        queries
          .insertInto("dataset")
          .values({ id, name: id, kind: null, created_by: "user:ana", created_at: atMs, updated_at: atMs })
          .execute(),
      );

    describe("capture", () => {
      test("round trip: a stored row reads back as it was, whatever its kind", async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.uniqueArray(arbitraryExample(), { maxLength: 5, selector: (example) => example.contentHash }),
            async (examples) => {
              const rows = examples.map((example) => ({
                row: exampleToRow({ ...example, id: newId() }),
                tags: example.tags,
                findings: [],
                scores: [],
                sourceIdIsIdentity: false,
              }));
              for (const [i, captured] of (await storage.capture(rows, options)).entries()) {
                const stored = await rowOf(captured.id);
                if (captured.status === "duplicate") expect(stored?.content_hash).toEqual(rows[i]?.row.content_hash);
                else expect(stored).toEqual({ n: expect.any(Number), ...rows[i]?.row });
              }
            },
          ),
          { numRuns: 40 },
        );
      });

      test("keeps what hangs on a row: tags, findings, scores, engagement, subject, membership", async () => {
        await makeDataset("d");
        const subjectId = "ab".repeat(32);
        const score = { name: "tier", value: 0.5, tier: "bronze", factors: { length: 0.5 }, version: "pack-1" };
        const found = [finding("truncated", "error"), { ...finding("truncated"), start: 2, end: 4, suggestion: "cut" }];
        const row = newRow(chat("q", "a"), {
          tags: ["b", "a", "b"],
          findings: found,
          scores: [score],
          engagement: { likes: 3 },
          subjectId,
        });
        expect(await captureOne(row, { datasetId: "d" })).toEqual({ status: "accepted", id: row.row.id });
        const kept = await storage.read(async ({ queries }) => ({
          tags: await queries.selectFrom("example_tag").select("tag").orderBy("tag").execute(),
          scores: await queries.selectFrom("score").selectAll().execute(),
          stat: await queries.selectFrom("example_stat").selectAll().executeTakeFirst(),
          subject: await queries.selectFrom("subject").selectAll().executeTakeFirst(),
        }));
        expect(kept.tags).toEqual([{ tag: "a" }, { tag: "b" }]);
        expect((await rowOf(row.row.id))?.tags).toBe('["b","a"]');
        expect(kept.scores).toMatchObject([
          { name: "tier", value: 0.5, tier: "bronze", factors: '{"length":0.5}', version: "pack-1", at: atMs },
        ]);
        expect(kept.stat).toMatchObject({ likes: 3, impressions: 0, use_count: 0 });
        expect(kept.subject?.subject).toEqual(fromHex(subjectId));
        expect(await findingsOf(row.row.id)).toMatchObject([
          { rule: "truncated", ordinal: 0, severity: "error", at_start: null, version: "rules-1" },
          { rule: "truncated", ordinal: 1, severity: "warning", at_start: 2, at_end: 4, suggestion: "cut" },
        ]);
        expect(await members("d")).toEqual([row.row.id]);
      });

      test("a row sent twice is stored once", async () => {
        const row = newRow(chat("q", "a"));
        await captureOne(row);
        expect(await captureOne(row)).toEqual({ status: "duplicate", id: row.row.id });
        expect(await captureOne(newRow(chat("q", "another answer"), { id: row.row.id }))).toEqual({ status: "duplicate", id: row.row.id });
        expect(await exampleIds()).toEqual([row.row.id]);
      });

      test("equal content is a duplicate, whose own id leads to the row that stands, also when it is sent again", async () => {
        await makeDataset("d");
        const [first, second] = [newRow(chat("q", "a")), newRow(chat("q", "a"))];
        await captureOne(first);
        expect(await captureOne(second, { datasetId: "d" })).toEqual({ status: "duplicate", id: first.row.id });
        expect(await captureOne(newRow(chat("q", "later"), { id: second.row.id }))).toEqual({ status: "duplicate", id: first.row.id });
        const alias = await storage.read(({ queries }) =>
          queries.selectFrom("alias").innerJoin("example", "example.n", "alias.n").select(["alias.id", "example.id as leadsTo"]).execute(),
        );
        expect(alias).toEqual([{ id: second.row.id, leadsTo: first.row.id }]);
        expect(await members("d")).toEqual([first.row.id]);
      });

      test("two equal rows of one call: the first stands", async () => {
        const [first, second] = [newRow(chat("q", "a")), newRow(chat("q", "a"))];
        expect((await storage.capture([first, second], options)).map(({ status }) => status)).toEqual(["accepted", "duplicate"]);
      });

      test("a duplicate kept on purpose stands beside its twin", async () => {
        const [first, second] = [newRow(chat("q", "a")), newRow(chat("q", "a"))];
        await captureOne(first);
        expect(await captureOne({ ...second, row: { ...second.row, duplicate_kept: 1 } })).toEqual({
          status: "accepted",
          id: second.row.id,
        });
      });

      test("a duplicate of an example in the trash says so", async () => {
        const row = newRow(chat("q", "a"));
        await captureOne(row);
        await storage.change([{ id: row.row.id, set: { lifecycle: "trashed" } }], edit);
        expect(await captureOne(newRow(chat("q", "a")))).toEqual({ status: "duplicate", id: row.row.id, trashed: true });
      });

      test("many rows keep their order and their results", async () => {
        const rows = Array.from({ length: 2_500 }, (_, i) => newRow({ kind: "text", text: `post ${i % 2_400}` }));
        const captured = await storage.capture(rows, options);
        expect(captured.slice(0, 2_400)).toEqual(rows.slice(0, 2_400).map(({ row }) => ({ status: "accepted", id: row.id })));
        expect(captured.slice(2_400)).toEqual(rows.slice(0, 100).map(({ row }) => ({ status: "duplicate", id: row.id })));
      });

      test("a row joins the group of its parent, also by the id of a skipped duplicate", async () => {
        const [root, twin] = [newRow(chat("q", "a"), { groupKey: "conversation-1" }), newRow(chat("q", "a"))];
        const child = newRow(chat("q", "b"), { parentId: root.row.id });
        const nephew = newRow(chat("q", "c"), { parentId: twin.row.id });
        const orphan = newRow(chat("x", "y"), { parentId: newId(), groupKey: "its own" });
        await storage.capture([root, twin, child, nephew, orphan], options);
        const groups = await Promise.all([child, nephew, orphan].map(async ({ row }) => (await rowOf(row.id))?.group_key));
        expect(groups).toEqual(["conversation-1", "conversation-1", "its own"]);
      });

      test("another answer to the same input is stored with a finding", async () => {
        const [first, second] = [newRow(chat("q", "a")), newRow(chat("q", "b"))];
        await captureOne(first);
        expect(await captureOne(second)).toEqual({ status: "accepted", id: second.row.id, conflict: true });
        expect(await findingsOf(second.row.id)).toMatchObject([{ rule: "conflicting-answer", severity: "info" }]);
        const says = (intent: string): Content => ({ kind: "classification", text: "book me a room", labels: { intent }, entities: [] });
        await captureOne(newRow(says("booking")));
        const other = newRow(says("complaint"), { findings: [finding("missing-label", "info")] });
        expect(await captureOne(other)).toMatchObject({ conflict: true });
        expect(await findingsOf(other.row.id)).toMatchObject([
          { rule: "conflicting-label", severity: "warning" },
          { rule: "missing-label" },
        ]);
      });

      test("a correction does not contradict what it corrects, another kind contradicts nothing, nor does the trash", async () => {
        const original = newRow(chat("q", "a"));
        await captureOne(original);
        expect(await captureOne(newRow(chat("q", "b"), { parentId: original.row.id }))).not.toHaveProperty("conflict");
        const prompt = [{ role: "user", content: "q" }] as const;
        const rated = newRow({ kind: "rating", prompt, completion: [{ role: "assistant", content: "a" }], label: true });
        expect(await captureOne(rated)).not.toHaveProperty("conflict");
        const thrown = newRow(chat("other", "a"));
        await captureOne(thrown);
        await storage.change([{ id: thrown.row.id, set: { lifecycle: "trashed" } }], edit);
        expect(await captureOne(newRow(chat("other", "b")))).not.toHaveProperty("conflict");
      });

      test("refuses a dataset that is not there, and stores nothing", async () => {
        await expect(captureOne(newRow(chat("q", "a")), { datasetId: "nowhere" })).rejects.toMatchObject({ code: "dataset/not-found" });
        expect(await exampleIds()).toEqual([]);
      });

      test("a row that breaks a rule of the table refuses its own call only, and its error shows no content", async () => {
        const broken = newRow(chat("secret question", "secret answer"));
        const calls = [
          storage.capture([newRow(chat("1", "a"), { topic: "first topic" })], options),
          storage.capture([{ ...broken, row: { ...broken.row, kind: "dpo" as "chat" } }], options),
          storage.capture([newRow(chat("3", "a"), { topic: "third topic" })], options),
        ];
        const [first, second, third] = await Promise.allSettled(calls);
        expect([first?.status, third?.status]).toEqual(["fulfilled", "fulfilled"]);
        expect(second).toMatchObject({
          status: "rejected",
          reason: { code: "storage/refused", message: expect.not.stringContaining("secret") },
        });
        expect(await exampleIds()).toHaveLength(2);
      });
    });

    describe("capture of a known record with other content", () => {
      const record = (answer: string, more: Parameters<typeof newRow>[1] = {}) =>
        newRow(chat("q", answer), { sourceId: "r1", sourceIdIsIdentity: true, ...more });

      test("updates the row in place and keeps what it said", async () => {
        const old = record("a", {
          tags: ["old"],
          findings: [finding("truncated", "error")],
          reviewStatus: "approved",
          domain: "code",
          importId: "i1",
        });
        const fresh = record("b", {
          tags: ["new"],
          domain: "support",
          importId: "i2",
          scores: [{ name: "tier", value: 1, factors: {}, version: "2" }],
        });
        await captureOne(old);
        await storage.change([{ id: old.row.id, set: { include_in_training: 0 } }], edit);
        expect(await captureOne(fresh)).toEqual({ status: "updated", id: old.row.id });
        const { content_hash, import_id } = fresh.row;
        expect(await rowOf(old.row.id)).toMatchObject({
          rev: 3,
          output_text: "b",
          domain: "support",
          tags: '["new"]',
          review_status: "pending",
          include_in_training: 0,
          content_hash,
          import_id,
        });
        expect(await findingsOf(old.row.id)).toEqual([]);
        const revision = await storage.read(({ queries }) =>
          queries.selectFrom("revision").selectAll().orderBy("rev", "desc").executeTakeFirst(),
        );
        expect(revision).toMatchObject({ rev: 3, actor: "user:ana", op: "capture" });
        const before: unknown = JSON.parse(revision?.before ?? "{}");
        expect(before).toEqual({
          output_text: "a",
          domain: "code",
          tags: '["old"]',
          review_status: "approved",
          import_id: "i1",
          content_hash: toHex(old.row.content_hash),
        });
        expect(await captureOne(newRow(chat("q", "c"), { id: fresh.row.id }))).toEqual({ status: "duplicate", id: old.row.id });
      });

      test("with skip it stays as it is, with add the new row stands beside it", async () => {
        const old = record("a");
        await captureOne(old);
        expect(await captureOne(record("b"), { onChange: "skip" })).toEqual({ status: "duplicate", id: old.row.id });
        const added = record("c");
        expect(await captureOne(added, { onChange: "add" })).toEqual({ status: "accepted", id: added.row.id, conflict: true });
        expect((await rowOf(old.row.id))?.output_text).toBe("a");
      });

      test("the same content again is a duplicate, and so is content that another row has", async () => {
        const old = record("a");
        const other = newRow(chat("q", "b"));
        await storage.capture([old, other], options);
        expect(await captureOne(record("a"))).toEqual({ status: "duplicate", id: old.row.id });
        expect(await captureOne(record("b"))).toEqual({ status: "duplicate", id: other.row.id });
      });

      test("two records of one import that share an id are two examples, now and at the next import", async () => {
        const [first, second] = [record("a", { importId: "i1" }), record("b", { importId: "i1" })];
        expect(await captureOne(first)).toEqual({ status: "accepted", id: first.row.id });
        expect(await captureOne(second)).toEqual({ status: "accepted", id: second.row.id, conflict: true, sharedSourceId: true });
        expect(await captureOne(record("c", { importId: "i2" }))).toMatchObject({ status: "accepted", sharedSourceId: true });
      });

      test("an id that names no record for good, or one of another source, changes nothing", async () => {
        await captureOne(record("a"));
        expect(await captureOne(record("b", { sourceIdIsIdentity: false }))).toMatchObject({ status: "accepted" });
        expect(await captureOne(record("c", { source: "elsewhere" }))).toMatchObject({ status: "accepted" });
      });
    });

    describe("change", () => {
      test("edits the revision that was seen, and says so when somebody else was first", async () => {
        const row = newRow(chat("q", "a"), { topic: "old" });
        const { id } = row.row;
        await captureOne(row);
        expect(await storage.change([{ id, rev: 1, set: { topic: "new", confidence: 0.5 } }], { ...edit, reason: "typo" })).toEqual([
          { status: "changed", id, rev: 2 },
        ]);
        expect(
          await storage.change(
            [
              { id, rev: 1, set: { topic: "late" } },
              { id: "nobody", set: {} },
            ],
            edit,
          ),
        ).toEqual([
          { status: "stale", id, current: 2 },
          { status: "missing", id: "nobody" },
        ]);
        expect(await rowOf(id)).toMatchObject({ topic: "new", confidence: 0.5, rev: 2, updated_at: edit.atMs, output_text: "a" });
        const revisions = await storage.read(({ queries }) => queries.selectFrom("revision").selectAll().execute());
        expect(revisions).toMatchObject([
          { rev: 2, actor: "user:ben", op: "edit", reason: "typo", before: '{"confidence":null,"topic":"old"}' },
        ]);
      });

      test("an edit that changes nothing makes no revision", async () => {
        const row = newRow(chat("q", "a"), { topic: "same" });
        await captureOne(row);
        expect(await storage.change([{ id: row.row.id, set: { topic: "same" } }], edit)).toEqual([
          { status: "changed", id: row.row.id, rev: 1 },
        ]);
      });

      test("content that another example has is refused with its id", async () => {
        const [first, second] = [newRow(chat("q", "a")), newRow(chat("q", "b"))];
        await storage.capture([first, second], options);
        const change = { id: second.row.id, set: saying(chat("q", "a")), tags: ["never"] };
        expect(await storage.change([change], edit)).toEqual([{ status: "duplicate", id: second.row.id, twin: first.row.id }]);
        expect(await rowOf(second.row.id)).toMatchObject({ output_text: "b", rev: 1, tags: "[]" });
      });

      test("new content makes or ends a conflict; other edits leave it", async () => {
        const [first, second] = [newRow(chat("q", "a")), newRow(chat("q", "b"))];
        await storage.capture([first, second], options);
        const { id } = second.row;
        await storage.change([{ id, set: { topic: "t" }, findings: [finding("truncated")] }], edit);
        expect((await findingsOf(id)).map(({ rule }) => rule)).toEqual(["conflicting-answer", "truncated"]);
        await storage.change([{ id, set: saying(chat("another question", "b")) }], edit);
        expect((await findingsOf(id)).map(({ rule }) => rule)).toEqual(["truncated"]);
        await storage.change([{ id, set: saying(chat("q", "c")), findings: [] }], edit);
        expect(await findingsOf(id)).toMatchObject([{ rule: "conflicting-answer", version: "rules-2" }]);
      });

      test("replaces tags, findings and scores, and the counts follow", async () => {
        const row = newRow(chat("q", "a"), { tags: ["a", "b"], findings: [finding("truncated", "error"), finding("truncated")] });
        const { id } = row.row;
        await captureOne(row);
        expect([await counter("rule", "truncated"), await counter("severity", "error"), await counter("tag", "a")]).toEqual([2, 1, 1]);
        const scores = [{ name: "tier", value: 0.9, factors: {}, version: "2" }];
        await storage.change(
          [{ id, set: { quality_tier: "gold", quality_score: 0.9 }, tags: ["b", "c"], findings: [finding("too-long", "info")], scores }],
          edit,
        );
        expect([await counter("rule", "truncated"), await counter("rule", "too-long"), await counter("severity", "info")]).toEqual([
          0, 1, 1,
        ]);
        expect([await counter("tag", "a"), await counter("tag", "c"), await counter("quality_tier", "gold")]).toEqual([0, 1, 1]);
        expect(await storage.read(({ queries }) => queries.selectFrom("score").select("value").execute())).toEqual([{ value: 0.9 }]);
      });

      test("what lies in the trash counts only there, and comes back whole", async () => {
        const row = newRow(chat("q", "a"), { tags: ["a"], findings: [finding("truncated")] });
        await captureOne(row);
        const counts = async () => [
          await counter("kind", "chat"),
          await counter("tag", "a"),
          await counter("rule", "truncated"),
          await counter("lifecycle", "trashed"),
        ];
        await storage.change([{ id: row.row.id, set: { lifecycle: "trashed" } }], { ...edit, op: "trash" });
        expect(await counts()).toEqual([0, 0, 0, 1]);
        await storage.change([{ id: row.row.id, set: { lifecycle: "active" } }], { ...edit, op: "restore" });
        expect(await counts()).toEqual([1, 1, 1, 0]);
      });

      test("refuses a column that no edit sets", async () => {
        const row = newRow(chat("q", "a"));
        await captureOne(row);
        await expect(storage.change([{ id: row.row.id, set: { "n = 5 --": 1 } as object }], edit)).rejects.toMatchObject({
          code: "storage/refused",
        });
      });
    });

    describe("members and signals", () => {
      test("gives and takes memberships, by own ids and by those of skipped duplicates", async () => {
        await makeDataset("d");
        const [first, twin, second] = [newRow(chat("q", "a")), newRow(chat("q", "a")), newRow(chat("x", "a"))];
        await storage.capture([first, twin, second], options);
        expect(await storage.setMembers("d", { add: [twin.row.id, second.row.id, first.row.id, "nobody"] }, edit)).toBe(2);
        expect(await storage.setMembers("d", { remove: [first.row.id, "nobody"] }, edit)).toBe(1);
        expect(await members("d")).toEqual([second.row.id]);
        await expect(storage.setMembers("nowhere", { add: [first.row.id] }, edit)).rejects.toMatchObject({ code: "dataset/not-found" });
      });

      test("a signal counts once, however often it is sent, and may come before its example", async () => {
        const signal: Signal = {
          id: "s1",
          kind: "feedback",
          at: "2026-01-02T00:00:00.000Z",
          action: "positive",
          target: { exampleId: newId() },
          text: "better",
          reason: "shorter",
          payload: { a: 1 },
        };
        expect(await storage.addSignals([signal, { ...signal, id: "s2", kind: "query" }, signal])).toBe(2);
        expect(await storage.addSignals([signal])).toBe(0);
        const stored = await storage.read(({ queries }) =>
          queries.selectFrom("signal").selectAll().where("id", "=", "s1").executeTakeFirst(),
        );
        expect(stored).toMatchObject({
          kind: "feedback",
          action: "positive",
          at: atMs,
          payload: '{"a":1,"reason":"shorter","text":"better"}',
        });
        expect([await counter("signal", "feedback"), await counter("signal", "query")]).toEqual([1, 1]);
      });
    });

    describe("write and transaction", () => {
      const setting = (key: string, value = "1") =>
        storage.read(async ({ queries }) => [queries.insertInto("setting").values({ key, value, updated_at: atMs }).compile()]);
      const settings = () =>
        storage.read(async ({ queries }) =>
          (await queries.selectFrom("setting").select("key").where("key", "like", "test.%").orderBy("key").execute()).map(({ key }) => key),
        );

      test("a unit that fails is undone whole, and refuses only itself", async () => {
        const [a, b, c] = [await setting("test.a"), await setting("test.b"), await setting("test.c")];
        await expect(storage.write([a, [...b, ...a], c])).rejects.toMatchObject({ code: "storage/refused" });
        expect(await settings()).toEqual(["test.a", "test.c"]);
        expect(await storage.write([b])).toEqual([{ changes: 1 }]);
      });

      test("a transaction sees its own writes, and is undone when it throws", async () => {
        const seen = storage.transaction(async (queries) => {
          await queries.insertInto("setting").values({ key: "test.a", value: "1", updated_at: atMs }).execute();
          return queries.selectFrom("setting").select("value").where("key", "=", "test.a").executeTakeFirst();
        });
        expect(await seen).toEqual({ value: "1" });
        const failing = storage.transaction(async (queries) => {
          await queries.deleteFrom("setting").execute();
          throw new RangeError("no");
        });
        await expect(failing).rejects.toThrow(new RangeError("no"));
        expect(await settings()).toEqual(["test.a"]);
      });

      test("read-modify-write by many at once loses nothing, while captures wait their turn", async () => {
        await storage.write([await setting("test.n", "0")]);
        const increment = () =>
          storage.transaction(async (queries) => {
            const { value } = await queries.selectFrom("setting").select("value").where("key", "=", "test.n").executeTakeFirstOrThrow();
            await queries
              .updateTable("setting")
              .set({ value: String(Number(value) + 1) })
              .where("key", "=", "test.n")
              .execute();
          });
        await Promise.all(Array.from({ length: 20 }, async (_, i) => [await increment(), await captureOne(newRow(chat(`q ${i}`, "a")))]));
        const { value } = await storage.read(({ queries }) =>
          queries.selectFrom("setting").select("value").where("key", "=", "test.n").executeTakeFirstOrThrow(),
        );
        expect([value, (await exampleIds()).length]).toEqual(["20", 20]);
      });

      test("a statement that fails leaves a transaction to its author", async () => {
        await storage.transaction(async (queries) => {
          const insert = () => queries.insertInto("setting").values({ key: "test.a", value: "1", updated_at: atMs }).execute();
          await insert();
          await expect(insert()).rejects.toMatchObject({ code: "storage/refused" });
        });
        expect(await settings()).toEqual(["test.a"]);
      });
    });

    describe("read", () => {
      test("sees one moment, however long it takes", async () => {
        await captureOne(newRow(chat("q", "a")));
        await storage.read(async ({ queries, seq }) => {
          const count = async () => (await queries.selectFrom("example").select("id").execute()).length;
          expect(await count()).toBe(1);
          await captureOne(newRow(chat("q", "b")));
          expect(await count()).toBe(1);
          expect(await storage.read(async (later) => later.seq)).toBeGreaterThan(seq);
        });
        expect(await exampleIds()).toHaveLength(2);
      });

      test("cannot write", async () => {
        await expect(storage.read(({ queries }) => queries.deleteFrom("setting").execute())).rejects.toMatchObject({ kind: "storage" });
      });

      test("the change log names every example and membership that changed, in order", async () => {
        await makeDataset("d");
        const row = newRow(chat("q", "a"));
        const before = await storage.read(async ({ seq }) => seq);
        await captureOne(row);
        await storage.change([{ id: row.row.id, set: { topic: "t" } }], edit);
        await captureOne(newRow(chat("q", "a")), { datasetId: "d" });
        await storage.setMembers("d", { remove: [row.row.id] }, edit);
        const log = await storage.read(async ({ queries, seq }) =>
          queries.selectFrom("change_log").selectAll().where("seq", ">", before).where("seq", "<=", seq).orderBy("seq").execute(),
        );
        expect(log.map(({ id, op }) => [id, op])).toEqual([1, 2, 4, 4].map((op) => [row.row.id, op]));
      });

      test("scans many rows in batches of arrays, and stops when asked", async () => {
        await storage.capture(
          Array.from({ length: 25 }, (_, i) => newRow({ kind: "text", text: `post ${i}` }, { topic: i === 3 ? "t" : undefined } as object)),
          options,
        );
        const batches = await storage.read(async ({ queries, scan }) => {
          const all: unknown[][][] = [];
          for await (const batch of scan(
            queries.selectFrom("example").select(["input_text", "topic", "weight", "content_hash"]).orderBy("n"),
            { batchRows: 10 },
          ))
            all.push(batch as unknown[][]);
          return all;
        });
        expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
        expect(batches[0]?.[3]).toEqual(["post 3", "t", 1, expect.any(Uint8Array)]);
        const abort = new AbortController();
        const stopped = storage.read(async ({ queries, scan }) => {
          for await (const _ of scan(queries.selectFrom("example").select("id"), { batchRows: 10, signal: abort.signal })) abort.abort();
        });
        await expect(stopped).rejects.toThrow(/abort/i);
      });
    });

    test("two writers at once share codes, counts and duplicates", async () => {
      const other = await engine.open(place);
      expect(other.id).toBe(storage.id);
      const rows = (from: number) =>
        Array.from({ length: 60 }, (_, i) =>
          newRow(chat(`question ${from + i}`, "a"), { topic: `topic ${i % 7}`, tags: [`tag ${i % 3}`] }),
        );
      const results = await Promise.all(
        [0, 30].flatMap((from) => rows(from).map((row, i) => (i % 2 === 0 ? storage : other).capture([row], options))),
      );
      expect(results.flat().filter(({ status }) => status === "accepted")).toHaveLength(90);
      expect(await counter("kind", "chat")).toBe(90);
      await other.close();
    });

    test("what was stored is there after closing and opening again", async () => {
      const row = newRow(chat("q", "a"), { topic: "t" });
      await captureOne(row);
      const { id } = storage;
      await storage.close();
      await expect(storage.capture([row], options)).rejects.toMatchObject({ code: "storage/closed" });
      storage = await engine.open(place);
      expect([storage.id, storage.schemaVersion, await exampleIds()]).toEqual([id, 5, [row.row.id]]);
      await captureOne(newRow(chat("q", "b"), { topic: "t" }));
    });

    test("closing waits for what was asked before", async () => {
      const captured = storage.capture(
        Array.from({ length: 50 }, (_, i) => newRow(chat(`${i}`, "a"))),
        options,
      );
      await storage.close();
      expect(await captured).toHaveLength(50);
      storage = await engine.open(place);
      expect(await exampleIds()).toHaveLength(50);
    });

    test("a bulk load ends as the same captures would: duplicates, conflicts, updates, log and counts", async () => {
      await makeDataset("d");
      const record = (answer: string, more: object = {}) =>
        newRow(chat("r", answer), { sourceId: "r1", sourceIdIsIdentity: true, ...more });
      const [a, b, child] = [newRow(chat("q", "a"), { tags: ["t"] }), newRow(chat("q", "b")), newRow(chat("x", "y"))];
      const captured = await storage.bulk(async () => {
        const first = await storage.capture(
          [a, newRow(chat("q", "a")), b, record("1", { importId: "i1" }), record("2", { importId: "i2" })],
          { ...options, datasetId: "d" },
        );
        return [...first, ...(await storage.capture([child, record("3", { importId: "i2" })], options))];
      });
      expect(captured.map(({ status, conflict, sharedSourceId }) => [status, conflict, sharedSourceId])).toEqual([
        ["accepted", undefined, undefined],
        ["duplicate", undefined, undefined],
        ["accepted", true, undefined],
        ["accepted", undefined, undefined],
        ["updated", undefined, undefined],
        ["accepted", undefined, undefined],
        ["accepted", true, true],
      ]);
      const logged = await storage.read(({ queries }) => queries.selectFrom("change_log").select("id").orderBy("seq").execute());
      expect(logged.map(({ id }) => id)).toEqual(await exampleIds());
      expect(await storage.bulk(() => captureOne(newRow(chat("x", "z"))))).toMatchObject({ conflict: true });
      expect(await captureOne(record("4", { importId: "i9" }))).toMatchObject({ status: "accepted", sharedSourceId: true });
    });

    describe("search", () => {
      const search = (query: string, more: Partial<SearchOptions> = {}) => storage.search(query, { limit: 20, budgetMs: 60_000, ...more });
      const found = async (query: string, more: Partial<SearchOptions> = {}) => (await search(query, more)).hits.map(({ id }) => id);
      const marked = ({ snippet: { text, marks } }: SearchHit) =>
        marks.map(({ start, end }) => Array.from(text).slice(start, end).join(""));
      const captureTexts = async (...texts: readonly string[]) => {
        const rows = texts.map((text) => newRow({ kind: "text", text }));
        await storage.capture(rows, options);
        return rows.map(({ row }) => row.id);
      };

      test.each([
        ["Latin", "Crème brûlée à la carte", "creme BRULEE", ["Crème", "brûlée"]],
        ["Cyrillic", "Москва слезам не верит", "СЛЕЗАМ", ["слезам"]],
        ["Greek", "ὁ ΟΔΟΣ τῆς πόλης", "οδος", ["ΟΔΟΣ"]],
        ["Han", "参议院昨日通过了预算案", "参议院", ["参议院"]],
        ["Kana", "国会でありがとうございます", "ありがとう", ["ありがとう"]],
        ["Thai", "เงินเดือนของฉันน้อย", "เงินเดือน", ["เงินเดือน"]],
        ["Lao", "ຂ້ອຍຮັກພາສາລາວ", "ພາສາ", ["ພາສາ"]],
        ["Khmer", "ខ្ញុំស្រលាញ់ភាសាខ្មែរ", "ភាសា", ["ភាសា"]],
        ["Myanmar", "ကျွန်တော်မြန်မာစကားပြောတယ်", "မြန်မာ", ["မြန်မာ"]],
        ["Arabic", "السلام عليكم ورحمة الله", "عليكم", ["عليكم"]],
        ["Devanagari", "मुझे हिन्दी भाषा पसंद है", "हिन्दी", ["हिन्दी"]],
        ["Hangul", "한국어 문장을 찾습니다", "문장을", ["문장을"]],
        ["full-width Latin", "ＡＩ モデル", "ai", ["ＡＩ"]],
        ["a letter with a joiner inside", "می\u200cخواهم بدانم", "می\u200cخواهم", ["می\u200cخواهم"]],
      ])("finds and marks a word in %s, wherever the text lies", async (_, text, query, marks) => {
        const [inText] = await captureTexts(text, "nothing of the kind");
        const turns = [
          { role: "user", content: `😀 ${text}` },
          { role: "assistant", content: "yes" },
          { role: "user", content: "and?" },
          { role: "assistant", content: "no" },
        ] as const;
        const inTurn = newRow({ kind: "chat", messages: turns });
        const inContext = newRow({ kind: "chat", messages: turns.slice(2), context: text });
        await storage.capture([inTurn, inContext], options);
        const { hits, pending } = await search(query);
        expect(pending).toBe(0);
        expect(new Set(hits.map(({ id }) => id))).toEqual(new Set([inText, inTurn.row.id, inContext.row.id]));
        expect(new Set(hits.map(({ snippet }) => snippet.field))).toEqual(new Set(["input", "messages", "context"]));
        for (const hit of hits) expect(marked(hit)).toEqual(marks);
      });

      test("characters of a script without spaces are found in their order only", async () => {
        await captureTexts("参议院昨日通过了预算案");
        expect(await found("参院议")).toEqual([]);
        expect(await found("参院 议")).toEqual([]);
      });

      test("all words must occur, a phrase in its order, and what a minus names must not", async () => {
        const [first, second, third] = await captureTexts("a red fox runs", "the fox is not red", 'red wine, "dry"');
        expect(new Set(await found("red fox"))).toEqual(new Set([first, second]));
        expect(await found('"red fox"')).toEqual([first]);
        expect(await found("“red fox”")).toEqual([first]);
        expect(await found("red -fox")).toEqual([third]);
        expect(await found('red -"red fox" -wine')).toEqual([second]);
        expect(await found('"red wine')).toEqual([third]);
      });

      test("a query without a word to look for finds nothing, and no text is a mistake", async () => {
        const [id] = await captureTexts('NEAR the "edge" AND over-the-top don\'t input_text');
        for (const query of ["", " ", "-edge", '!!! -- ""', "😀", "\0", "\ud800", "*", '"']) expect((await search(query)).hits).toEqual([]);
        for (const query of [
          'NEAR("edge"',
          "AND",
          "edge)",
          "don't",
          "input_text:",
          "over-the-top",
          "{edge}",
          "^near",
          "edge*",
          "'edge",
          "the\0edge",
        ])
          expect(await found(query), query).toEqual([id]);
        const anything = fc.asyncProperty(
          fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[-"*^:(){}+a' NEARORT]*$/)),
          async (query) => {
            expect((await search(query)).pending).toBe(0);
          },
        );
        await expect(fc.assert(anything, { numRuns: 200 })).resolves.toBeUndefined();
      });

      test("refuses more words than it can look for, and a cursor that is not its own", async () => {
        await expect(search("w ".repeat(1_001))).rejects.toMatchObject({ code: "input/invalid" });
        expect(await found("w ".repeat(1_000))).toEqual([]);
        await expect(search("w", { cursor: "x" })).rejects.toMatchObject({ code: "input/invalid" });
      });

      test("every word of a text finds it and is marked", async () => {
        const property = fc.asyncProperty(
          fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 6 }),
          async (words) => {
            const text = `${words.join(" ")} ${newId()}`;
            const [id] = await captureTexts(text);
            const sought = words.filter((word) => /^[\p{L}\p{N}]/u.test(word.normalize("NFKC")) && !/["“”„‟＂-]/.test(word));
            for (const word of sought) {
              const hits = (await search(`${word} ${text.slice(-26)}`)).hits;
              expect(hits.map((hit) => hit.id)).toEqual([id]);
            }
          },
        );
        await expect(fc.assert(property, { numRuns: 40 })).resolves.toBeUndefined();
      });

      test("follows edits, the trash and the way back", async () => {
        const row = newRow(chat("where is the heron", "at the pond"), { tags: ["birds"] });
        const { id } = row.row;
        await captureOne(row);
        expect([await found("heron"), await found("birds")]).toEqual([[id], [id]]);
        await storage.change([{ id, set: saying(chat("where is the bittern", "at the pond")), tags: ["waders"] }], edit);
        expect([await found("heron"), await found("birds"), await found("bittern waders")]).toEqual([[], [], [id]]);
        await storage.change([{ id, set: { lifecycle: "trashed" } }], edit);
        expect(await found("bittern", { budgetMs: 0 })).toEqual([]);
        expect(await found("bittern")).toEqual([]);
        await storage.change([{ id, set: { lifecycle: "active" } }], edit);
        expect(await found("bittern")).toEqual([id]);
      });

      test("follows a row that was deleted, also when another takes its number", async () => {
        const [first, second] = await captureTexts("a heron", "a bittern");
        expect(await found("bittern")).toEqual([second]);
        await storage.transaction((queries) =>
          queries
            .deleteFrom("example")
            .where("id", "=", second ?? "")
            .execute(),
        );
        expect(await found("bittern", { budgetMs: 0 })).toEqual([]);
        const [third] = await captureTexts("a crane");
        expect([await found("bittern"), await found("crane"), await found("heron")]).toEqual([[], [third], [first]]);
        await storage.recount();
      });

      test("says what the index has not seen yet, and catches up when it may", async () => {
        await captureTexts(...Array.from({ length: 30 }, (_, i) => `post ${i}`));
        expect(await search("post", { budgetMs: 0 })).toEqual({ hits: [], pending: 30 });
        expect(await storage.feedSearch(0)).toEqual({ examples: 30, pending: 0 });
        expect((await search("post", { budgetMs: 0, limit: 50 })).hits).toHaveLength(30);
        expect(await storage.feedSearch(60_000)).toEqual({ examples: 0, pending: 0 });
      });

      test("goes through a pool in batches, whatever the order of its ids", async () => {
        const count = 6_000;
        const rows = Array.from({ length: count }, (_, i) =>
          newRow({ kind: "text", text: `post ${i}` }, { id: `X${String((i * 7_919) % count)}` }),
        );
        const fed = await storage.bulk(async () => {
          await storage.capture(rows, options);
          return search("post");
        });
        expect(fed).toEqual({ hits: [], pending: count });
        const abort = new AbortController();
        abort.abort();
        await expect(storage.feedSearch(60_000, { signal: abort.signal })).rejects.toThrow(/abort/i);
        expect(await storage.feedSearch(60_000)).toEqual({ examples: count, pending: 0 });
        expect(await found(`"post 5999"`)).toEqual([rows[5_999]?.row.id]);
      });

      test("gives page after page, best first, under a filter and within a dataset", async () => {
        await makeDataset("d");
        const rows = Array.from({ length: 25 }, (_, i) =>
          newRow({ kind: "text", text: `${"heron ".repeat(1 + (i % 3))}${"pad ".repeat(i)}` }, { topic: i % 2 === 0 ? "even" : "odd" }),
        );
        await storage.capture(rows, { ...options, datasetId: "d" });
        await captureTexts("heron outside");
        const pages: SearchHit[] = [];
        for (let cursor: string | undefined; ;) {
          const page = await search("heron", { limit: 10, datasetId: "d", ...(cursor === undefined ? {} : { cursor }) });
          pages.push(...page.hits);
          cursor = page.next;
          if (cursor === undefined) break;
        }
        expect(new Set(pages.map(({ id }) => id))).toEqual(new Set(rows.map(({ row }) => row.id)));
        expect(pages.map(({ score }) => score)).toEqual(pages.map(({ score }) => score).toSorted((a, b) => b - a));
        const even = await found("heron", { where: parseFilter("topic = even", { nowMs: atMs }), limit: 100 });
        expect(even).toHaveLength(13);
        expect(await found("heron", { where: parseFilter("topic = none", { nowMs: atMs }) })).toEqual([]);
      });

      test("shows the text that says most of what was sought, cut around it", async () => {
        const long = `${"padding 😀 ".repeat(60)}the grey heron waits, ${"more padding ".repeat(60)}`;
        await captureOne(newRow(chat("where is the heron", long)));
        const [hit] = (await search("grey heron")).hits;
        const { field, text, start, isCut } = hit?.snippet ?? {};
        expect([field, isCut, hit === undefined ? [] : marked(hit)]).toEqual(["output", true, ["grey", "heron"]]);
        expect(
          Array.from(long)
            .slice(start)
            .join("")
            .startsWith(text ?? "-"),
        ).toBe(true);
        expect(Array.from(text ?? "").length).toBeLessThan(220);
      });
    });

    describe("uses", () => {
      const stat = (id: string) =>
        storage.read(({ queries }) =>
          queries
            .selectFrom("example_stat")
            .innerJoin("example", "example.n", "example_stat.n")
            .selectAll("example_stat")
            .where("id", "=", id)
            .executeTakeFirst(),
        );
      const fitting = async (filter: string) =>
        (await listExamples(storage, { where: parseFilter(filter, { nowMs: atMs }), limit: 10 })).examples.map(({ id }) => id).toReversed();
      const use = { name: "export-1", kind: "export", actor: "user:ana", atMs } as const;

      test("an example is used once under one name, by its own id or that of a skipped duplicate", async () => {
        const [first, twin] = [newRow(chat("q", "a"), { engagement: { likes: 2 } }), newRow(chat("q", "a"))];
        await storage.capture([first, twin], options);
        const { id } = first.row;
        expect(await storage.markUsed([twin.row.id, id, "nobody"], use)).toEqual({ marked: 1, known: 1, missing: ["nobody"] });
        expect(await storage.markUsed([id], { ...use, atMs: atMs + 5 })).toEqual({ marked: 0, known: 1, missing: [] });
        expect(await stat(id)).toMatchObject({ use_count: 1, last_used_at: atMs, runs_used: 0, last_run_id: null, likes: 2 });
        expect(await storage.markUsed([id], { ...use, name: "run-1", kind: "run", atMs: atMs + 9 })).toMatchObject({ marked: 1 });
        expect(await storage.markUsed([id], { ...use, name: "export-0", atMs: atMs - 9 })).toMatchObject({ marked: 1 });
        expect(await stat(id)).toMatchObject({ use_count: 3, last_used_at: atMs + 9, runs_used: 1, last_run_id: "run-1", likes: 2 });
        const signals = await storage.read(({ queries }) => queries.selectFrom("signal").selectAll().orderBy("seq").execute());
        expect(signals.map(({ kind, example_id, actor, payload }) => [kind, example_id, actor, payload])).toEqual([
          ["use", id, "user:ana", '{"as":"export","name":"export-1"}'],
          ["use", id, "user:ana", '{"as":"run","name":"run-1","runId":"run-1"}'],
          ["use", id, "user:ana", '{"as":"export","name":"export-0"}'],
        ]);
        expect(await counter("signal", "use")).toBe(3);
      });

      test("what was used can be left out, and a use is no new revision", async () => {
        const [first, second] = [newRow(chat("q", "a")), newRow(chat("r", "a"))];
        await storage.capture([first, second], options);
        const [used, fresh] = [first.row.id, second.row.id];
        expect(await fitting("used = false")).toEqual([used, fresh]);
        const seq = await storage.read(async (snapshot) => snapshot.seq);
        await storage.markUsed([used], use);
        expect(await fitting("used = false")).toEqual([fresh]);
        expect(await fitting("used = true")).toEqual([used]);
        expect([await fitting("useCount >= 1"), await fitting("useCount = 0")]).toEqual([[used], [fresh]]);
        expect([await fitting("lastUsedAt >= 2026-01-02"), await fitting("lastUsedAt is-missing")]).toEqual([[used], [fresh]]);
        expect([(await rowOf(used))?.rev, await storage.read(async (snapshot) => snapshot.seq)]).toEqual([1, seq]);
      });

      test("marks many", async () => {
        const rows = Array.from({ length: 6_000 }, (_, i) => newRow({ kind: "text", text: `post ${i}` }));
        await storage.capture(rows, options);
        const ids = rows.map(({ row }) => row.id);
        expect(await storage.markUsed(ids, use)).toEqual({ marked: 6_000, known: 0, missing: [] });
        expect(await storage.markUsed(ids, use)).toEqual({ marked: 0, known: 6_000, missing: [] });
      });
    });

    describe("duplicates", () => {
      const fitting = async (filter: string) =>
        (await listExamples(storage, { where: parseFilter(filter, { nowMs: atMs }), limit: 100 })).examples
          .map(({ id }) => id)
          .toReversed();
      const captureTexts = async (count: number): Promise<readonly string[]> => {
        const rows = Array.from({ length: count }, (_, i) => newRow({ kind: "text", text: `post ${i}` }));
        await storage.capture(rows, options);
        return rows.map(({ row }) => row.id);
      };
      const marks = () =>
        storage.read(async ({ queries }) => {
          const found = await queries
            .selectFrom("duplicate")
            .innerJoin("example as e", "e.n", "duplicate.n")
            .innerJoin("example as w", "w.n", "duplicate.witness_n")
            .select(["e.id as id", "w.id as witnessId"])
            .orderBy("e.n")
            .execute();
          return found.map(({ id, witnessId }) => [id, witnessId]);
        });

      test("an example that repeats another can be left out, carries a finding that says why, and is no new revision", async () => {
        const [kept = "", copy = "", other = ""] = await captureTexts(3);
        const seq = await storage.read(async (snapshot) => snapshot.seq);
        expect(await storage.markDuplicates([near(copy, kept, 0.8796)], search)).toEqual({ marked: 1, replaced: 0, skipped: [] });
        expect([await fitting("isDuplicate = false"), await fitting("isDuplicate = true")]).toEqual([[kept, other], [copy]]);
        expect(await fitting("rule has near-duplicate and severity = warning")).toEqual([copy]);
        const found = await findingsOf(copy);
        expect(found).toMatchObject([{ rule: "near-duplicate", severity: "warning", version: "kernels-1", found_at: atMs + 2_000 }]);
        expect(found[0]?.message).toBe(`Nearly the same text (0.879) as example ${kept}, which is kept.`);
        expect([await counter("rule", "near-duplicate"), await counter("severity", "warning")]).toEqual([1, 1]);
        expect([(await rowOf(copy))?.rev, await storage.read(async (snapshot) => snapshot.seq)]).toEqual([1, seq]);
      });

      test("a search takes the place of the earlier one of its kind and scope, and of no other", async () => {
        const [kept = "", a = "", b = "", c = ""] = await captureTexts(4);
        await storage.markDuplicates([near(a, kept)], search);
        await storage.markDuplicates([near(b, kept)], { ...search, runId: "run-2", scope: "some-dataset" });
        await storage.markDuplicates([{ ...near(c, kept, 1), rule: "exact-duplicate" }], {
          ...search,
          runId: "run-3",
          strategy: "content",
        });
        expect((await marks()).map(([id]) => id)).toEqual([a, b, c]);
        expect((await findingsOf(c)).map(({ message }) => message)).toEqual([`The same words as example ${kept}, which is kept.`]);
        expect(await storage.markDuplicates([near(b, a)], { ...search, runId: "run-4" })).toEqual({ marked: 1, replaced: 2, skipped: [] });
        expect(await marks()).toEqual([
          [b, a],
          [c, kept],
        ]);
        expect(await storage.markDuplicates([near(a, kept)], { ...search, runId: "run-4", method: "bands" })).toMatchObject({
          replaced: 1,
        });
        expect(await storage.markDuplicates([], { ...search, runId: "run-5" })).toEqual({ marked: 0, replaced: 1, skipped: [] });
        expect(await marks()).toEqual([[c, kept]]);
      });

      test("whoever is kept is marked itself no more", async () => {
        const [first = "", second = "", third = ""] = await captureTexts(3);
        await storage.markDuplicates([near(second, first)], search);
        const replaced = await storage.markDuplicates([near(third, second)], { ...search, runId: "run-2", strategy: "input" });
        expect(replaced).toEqual({ marked: 1, replaced: 1, skipped: [] });
        expect(await marks()).toEqual([[third, second]]);
        const both = [near(first, second), near(second, third)];
        await expect(storage.markDuplicates(both, search)).rejects.toMatchObject({ code: "input/invalid" });
        expect(await marks()).toEqual([[third, second]]);
      });

      test("undoing a search takes its marks and findings away, and nothing else", async () => {
        const [kept = "", a = "", b = ""] = await captureTexts(3);
        await storage.change([{ id: a, set: {}, findings: [finding("truncated")] }], edit);
        await storage.markDuplicates([near(a, kept)], search);
        await storage.markDuplicates([near(b, kept)], { ...search, runId: "run-2", strategy: "input" });
        expect(await storage.clearDuplicates({ runId: "run-1" })).toBe(1);
        expect(await storage.clearDuplicates({ runId: "run-1" })).toBe(0);
        expect([await marks(), (await findingsOf(a)).map(({ rule }) => rule)]).toEqual([[[b, kept]], ["truncated"]]);
        expect([await counter("rule", "near-duplicate"), await counter("rule", "truncated")]).toEqual([1, 1]);
      });

      test("when the one that is kept goes to the trash, to the archive, or out of training, the others are seen again", async () => {
        for (const set of [{ lifecycle: "trashed" }, { lifecycle: "archived" }, { include_in_training: 0 }] as const) {
          const rows = [newRow(chat(JSON.stringify(set), "a")), newRow(chat(JSON.stringify(set), "b"))];
          await storage.capture(rows, options);
          const [kept = "", copy = ""] = rows.map(({ row }) => row.id);
          await storage.markDuplicates([near(copy, kept)], search);
          expect(await fitting("isDuplicate = true")).toEqual([copy]);
          await storage.change([{ id: kept, set }], edit);
          expect([await fitting("isDuplicate = true"), await fitting("rule has near-duplicate")]).toEqual([[], []]);
          await storage.change([{ id: kept, set: { lifecycle: "active", include_in_training: 1 } }], edit);
          expect(await marks()).toEqual([]);
        }
      });

      test("a copy that is left out itself needs nobody who is there", async () => {
        const [kept = "", copy = ""] = await captureTexts(2);
        await storage.change([{ id: copy, set: { lifecycle: "archived", include_in_training: 0 } }], edit);
        await storage.markDuplicates([near(copy, kept)], search);
        await storage.change([{ id: kept, set: { lifecycle: "archived", include_in_training: 0 } }], edit);
        expect(await marks()).toEqual([[copy, kept]]);
        await storage.change([{ id: copy, set: { lifecycle: "active" } }], edit);
        expect(await marks()).toEqual([]);
      });

      test("other content ends a mark, on either side; an edit of anything else leaves it", async () => {
        const [kept = "", a = "", b = ""] = await captureTexts(3);
        await storage.markDuplicates([near(a, kept), near(b, kept)], search);
        await storage.change([{ id: a, set: { topic: "t" }, findings: [], tags: ["x"] }], edit);
        expect(await marks()).toHaveLength(2);
        await storage.change([{ id: a, set: saying({ kind: "text", text: "another" }), findings: [] }], edit);
        expect([await marks(), await findingsOf(a)]).toEqual([[[b, kept]], []]);
        await storage.change([{ id: kept, set: saying({ kind: "text", text: "something else" }) }], edit);
        expect([await marks(), await findingsOf(b)]).toEqual([[], []]);
      });

      test("skips what changed since it was compared, what is gone, and what would leave nobody", async () => {
        const [kept = "", a = "", b = "", c = "", d = ""] = await captureTexts(5);
        const seq = await storage.read(async (snapshot) => snapshot.seq);
        await storage.change([{ id: a, set: saying({ kind: "text", text: "another" }) }], edit);
        await storage.change([{ id: b, set: { lifecycle: "trashed" } }], edit);
        await storage.change([{ id: c, set: { lifecycle: "archived" } }], edit);
        const asked = [near(a, kept), near(b, kept), near("nobody", kept), near(kept, c), near(d, d)];
        await expect(storage.markDuplicates(asked, search)).rejects.toMatchObject({ code: "input/invalid" });
        const skipped = [a, b, "nobody"];
        expect(await storage.markDuplicates([...asked.slice(0, 3), near(d, kept)], { ...search, seq })).toEqual({
          marked: 1,
          replaced: 0,
          skipped,
        });
        expect(await storage.markDuplicates([near(kept, c)], { ...search, runId: "run-2" })).toEqual({
          marked: 0,
          replaced: 1,
          skipped: [kept],
        });
      });

      test("whoever is deleted hides nobody", async () => {
        const [kept = "", copy = ""] = await captureTexts(2);
        await storage.markDuplicates([near(copy, kept)], search);
        await storage.transaction((queries) => queries.deleteFrom("example").where("id", "=", kept).execute());
        expect(await fitting("isDuplicate = true")).toEqual([]);
        await storage.transaction((queries) => queries.deleteFrom("finding").execute());
        await storage.recount();
      });

      test("clusters come page by page, largest first, with the most similar on top", async () => {
        const ids = await captureTexts(12);
        const at = (i: number): string => ids[i] ?? "";
        await storage.markDuplicates([near(at(1), at(0)), near(at(2), at(0), 0.95), near(at(3), at(0), 0.8)], search);
        await storage.markDuplicates([near(at(5), at(4)), near(at(7), at(6)), near(at(8), at(6))], {
          ...search,
          runId: "run-2",
          scope: "d",
        });
        const first = await listClusters(storage, { limit: 2, mostDuplicates: 2 });
        expect(first.clusters.map(({ kept, weight, duplicates }) => [kept.id, weight, duplicates.map(({ id }) => id)])).toEqual([
          [at(0), 4, [at(2), at(1)]],
          [at(6), 3, [at(7), at(8)]],
        ]);
        expect(first.clusters[0]?.kept).toEqual({ id: at(0), kind: "text", input: "post 0" });
        const second = await listClusters(storage, { limit: 2, ...(first.next === undefined ? {} : { cursor: first.next }) });
        expect([second.clusters.map(({ kept }) => kept.id), second.next]).toEqual([[at(4)], undefined]);
        expect((await listClusters(storage, { limit: 9, runId: "run-2", scope: "d" })).clusters).toHaveLength(2);
        await expect(listClusters(storage, { limit: 2, cursor: "x" })).rejects.toMatchObject({ code: "input/invalid" });
        expect((await listDuplicateSearches(storage)).map(({ runId, marks: count, scope }) => [runId, count, scope])).toEqual([
          ["run-2", 3, "d"],
          ["run-1", 3, ""],
        ]);
      });

      test("marks made during a bulk load hold after it, and a backup holds them too", async () => {
        const rows = [newRow(chat("q", "a")), newRow(chat("q", "A!"))];
        const [kept = "", copy = ""] = rows.map(({ row }) => row.id);
        await storage.bulk(async () => {
          await storage.capture(rows, options);
          expect(await storage.markDuplicates([near(copy, kept)], search)).toMatchObject({ marked: 1 });
        });
        const target = engine.newPlace();
        await storage.backup(target);
        const copied = await engine.open(target);
        await copied.change([{ id: kept, set: { lifecycle: "trashed" } }], edit);
        await expectWhole(copied);
        const left = await copied.read(({ queries }) => queries.selectFrom("duplicate").select("n").execute());
        await copied.close();
        expect([left, await marks()]).toEqual([[], [[copy, kept]]]);
      });

      test("marks many, and undoes many", async () => {
        const ids = await captureTexts(6_002);
        const [kept = "", ...copies] = ids;
        const many = copies.map((id) => near(id, kept));
        expect(await storage.markDuplicates(many, search)).toEqual({ marked: 6_001, replaced: 0, skipped: [] });
        expect(await storage.markDuplicates(many, { ...search, runId: "run-2" })).toEqual({ marked: 6_001, replaced: 6_001, skipped: [] });
        expect(await storage.recount({ repair: false })).toEqual({ counters: [], facets: [], tags: [], repaired: false });
        expect(await storage.clearDuplicates({ runId: "run-2" })).toBe(6_001);
      });
    });

    describe("figures", () => {
      test("a point of a time series stands once, the last one written", async () => {
        const [day, name] = [20_000, "freshness"];
        await storage.addMetrics([
          { day, name, value: 0.5 },
          { day, name, dimension: "gm", value: 0.6 },
        ]);
        await storage.addMetrics([{ day, name, value: 0.7 }]);
        const points = await storage.read(({ queries }) => queries.selectFrom("metric").selectAll().orderBy("dimension").execute());
        expect(points).toEqual([
          { day, name, dimension: "", value: 0.7 },
          { day, name, dimension: "gm", value: 0.6 },
        ]);
      });

      test("a setting is any JSON; those of the pool are not for others", async () => {
        const read = (key: string) => storage.read(({ queries }) => readSetting(queries, key));
        await storage.setSetting("embedder", { id: "static-v2", background: [0.04, null] });
        await storage.setSetting("embedder", { id: "hash-v1" });
        expect([await read("embedder"), await read("nothing"), await read("pool.id")]).toEqual([{ id: "hash-v1" }, undefined, storage.id]);
        for (const key of ["pool.id", "bulk"])
          await expect(storage.setSetting(key, "mine")).rejects.toMatchObject({ code: "storage/refused" });
      });

      test("freshness is kept beside the uses, by id, and is no new revision", async () => {
        const [one, two] = [newRow(chat("q", "a"), { engagement: { likes: 2 } }), newRow(chat("r", "a"))];
        await storage.capture([one, two], options);
        const rows = [
          { id: one.row.id, freshness: 0.25, atMs },
          { id: "nobody", freshness: 1, atMs },
        ];
        expect(await storage.setFreshness(rows)).toEqual({ set: 1, missing: ["nobody"] });
        const stale = parseFilter("freshness < 0.5", { nowMs: atMs });
        expect((await listExamples(storage, { where: stale, limit: 9 })).examples).toMatchObject([
          { id: one.row.id, rev: 1, engagement: { likes: 2 } },
        ]);
        expect(await storage.setFreshness([{ id: one.row.id, freshness: 0.75, atMs: atMs + 1 }])).toEqual({ set: 1, missing: [] });
        expect((await listExamples(storage, { where: stale, limit: 9 })).examples).toEqual([]);
      });
    });

    describe("audit", () => {
      test("entries are chained within one writer's run, in order, and the first of a later run takes up the end of the earlier", async () => {
        const entry = (action: string) => ({ atMs, actor: "user:ana", action, object: "garden", detail: { count: 2 } });
        const read = () => storage.read(({ queries }) => queries.selectFrom("audit").selectAll().orderBy("seq").execute());
        await Promise.all([storage.addAudit([entry("one"), entry("two")]), storage.addAudit([entry("three")])]);
        const [one, two, three] = await read();
        expect([one, two, three].map((row) => row?.action)).toEqual(["one", "two", "three"]);
        expect(new Set([one?.segment, two?.segment, three?.segment]).size).toBe(1);
        expect([two?.previous, three?.previous]).toEqual([one?.hash, two?.hash]);
        expect([JSON.parse(one?.detail ?? ""), JSON.parse(two?.detail ?? "")]).toEqual([{ count: 2, segments: {} }, { count: 2 }]);

        const other = await engine.open(place);
        await other.addAudit([entry("four")]);
        await storage.addAudit([entry("five")]);
        await other.close();
        const [, , , four, five] = await read();
        expect(JSON.parse(four?.detail ?? "")).toEqual({
          count: 2,
          segments: { [String(one?.segment)]: toHex(three?.hash ?? new Uint8Array()) },
        });
        expect([five?.segment, five?.previous]).toEqual([one?.segment, three?.hash]);
        for (const { previous, hash, ...row } of await read()) expect(hash).toEqual(new Uint8Array(hashEntry(previous, row)));
      });
    });

    describe("history", () => {
      test("tells who changed what, when and why, newest first", async () => {
        const row = newRow(chat("q", "a"), { topic: "old", tags: ["t"] });
        const { id } = row.row;
        await captureOne(row);
        await storage.change([{ id, set: { topic: "new" } }], { ...edit, reason: "typo" });
        await storage.change([{ id, set: { topic: "newer", ...saying(chat("q", "b")) }, tags: [] }], {
          ...edit,
          actor: "user:cem",
          atMs: atMs + 2_000,
        });
        const history = await readHistory(storage, id);
        expect(history).toMatchObject({ id, rev: 3, createdBy: "user:ana", createdAt: "2026-01-02T00:00:00.000Z" });
        const [last, first] = history.revisions;
        expect(first).toEqual({
          rev: 2,
          at: "2026-01-02T00:00:01.000Z",
          actor: "user:ben",
          op: "edit",
          reason: "typo",
          before: { topic: "old" },
          after: { topic: "new" },
        });
        expect(last).toMatchObject({
          rev: 3,
          actor: "user:cem",
          before: { topic: "new", output_text: "a", tags: '["t"]', content_hash: toHex(row.row.content_hash) },
          after: { topic: "newer", output_text: "b", tags: "[]" },
        });
        expect(last).not.toHaveProperty("reason");
        await expect(readHistory(storage, "nobody")).rejects.toMatchObject({ code: "example/not-found" });
      });

      test("undoing the last change brings back all it replaced; undoing that, the change", async () => {
        const row = newRow(chat("q", "a"), { topic: "old", tags: ["t", "u"] });
        const { id } = row.row;
        await captureOne(row);
        await expect(undoOf(storage, id)).rejects.toMatchObject({ code: "example/nothing-to-undo" });
        await storage.change([{ id, set: { ...saying(chat("q", "b")), topic: null, confidence: 0.5 }, tags: ["v"] }], edit);
        const changed = await rowOf(id);
        const back = { ...edit, op: "undo" };
        expect(await storage.change([await undoOf(storage, id)], back)).toEqual([{ status: "changed", id, rev: 3 }]);
        const fixed = { n: expect.any(Number), rev: expect.any(Number), updated_at: edit.atMs };
        expect(await rowOf(id)).toEqual({ ...row.row, ...fixed });
        expect(await storage.change([await undoOf(storage, id)], back)).toEqual([{ status: "changed", id, rev: 4 }]);
        expect(await rowOf(id)).toEqual({ ...changed, ...fixed });
      });

      test("an undo that somebody's edit came before changes nothing", async () => {
        const row = newRow(chat("q", "a"), { topic: "one" });
        const { id } = row.row;
        await captureOne(row);
        await storage.change([{ id, set: { topic: "two" } }], edit);
        const undo = await undoOf(storage, id);
        await storage.change([{ id, set: { topic: "three" } }], edit);
        expect(await storage.change([undo], edit)).toEqual([{ status: "stale", id, current: 3 }]);
      });

      test("random edits, undone one by one from the last, end at the row that was captured", async () => {
        const change = fc.record({ topic: fc.option(word), answer: word, tags: fc.uniqueArray(word), lifecycle });
        const property = fc.asyncProperty(fc.array(change, { maxLength: 5 }), async (changes) => {
          const question = newId();
          const row = newRow(chat(question, "start"));
          const { id } = row.row;
          await captureOne(row);
          const states = [await rowOf(id)];
          for (const { topic, answer, tags, lifecycle: moved } of changes) {
            await storage.change([{ id, set: { topic, lifecycle: moved, ...saying(chat(question, answer)) }, tags }], edit);
            const now = await rowOf(id);
            if (now?.rev !== states.at(-1)?.rev) states.push(now);
          }
          const { revisions } = await readHistory(storage, id);
          expect(revisions).toHaveLength(states.length - 1);
          const shownState = (state: object | undefined, columns: object) =>
            Object.fromEntries(
              Object.keys(columns).map((column) => [
                column,
                shownColumn(Object.entries(state ?? {}).find(([name]) => name === column)?.[1]),
              ]),
            );
          for (const [i, { before, after }] of revisions.entries()) {
            expect(before).toEqual(shownState(states.at(-2 - i), before));
            expect(after).toEqual(shownState(states.at(-1 - i), after));
          }
        });
        await expect(fc.assert(property, { numRuns: 25 })).resolves.toBeUndefined();
      });
    });

    describe("backup", () => {
      test("copies one moment into a new pool, while others write", async () => {
        const text = "x".repeat(2_000);
        await storage.capture(
          Array.from({ length: 6_000 }, (_, i) => newRow({ kind: "text", text: `${i} ${text}` })),
          options,
        );
        const target = engine.newPlace();
        const told: number[] = [];
        let isDone = false;
        const writing = (async () => {
          for (let i = 0; !isDone; i++) await captureOne(newRow(chat(`during ${i}`, "a"), { tags: ["late"] }));
        })();
        await storage.backup(target, { progress: ({ doneBytes, totalBytes }) => told.push(doneBytes / totalBytes) });
        isDone = true;
        await writing;
        expect(told.length).toBeGreaterThan(2);
        expect([told.at(-1), told.toSorted((a, b) => a - b)]).toEqual([1, told]);
        const copy = await engine.open(target);
        expect(copy.id).toBe(storage.id);
        const counted = await copy.read(({ queries }) =>
          queries
            .selectFrom("example")
            .select(({ fn }) => fn.countAll<number>().as("all"))
            .executeTakeFirstOrThrow(),
        );
        expect(counted.all).toBeGreaterThanOrEqual(6_000);
        expect(await copy.recount({ repair: false })).toEqual({ counters: [], facets: [], tags: [], repaired: false });
        expect((await copy.search("5999", { limit: 1, budgetMs: 60_000 })).hits).toHaveLength(1);
        expect(await copy.capture([newRow(chat("q", "a"))], options)).toMatchObject([{ status: "accepted" }]);
        await copy.close();
        await storage.transaction((queries) => queries.deleteFrom("example").execute());
        await storage.recount();
      });

      test("never replaces a file, and leaves nothing behind when it is called off", async () => {
        await storage.capture(
          Array.from({ length: 3_000 }, (_, i) => newRow({ kind: "text", text: `${i} ${"x".repeat(2_000)}` })),
          options,
        );
        await expect(storage.backup(place)).rejects.toMatchObject({ code: "storage/exists", kind: "conflict" });
        await expect(storage.backup(`${place}-nowhere/copy`)).rejects.toMatchObject({ code: "storage/not-writable" });
        const abort = new AbortController();
        const target = engine.newPlace();
        await expect(storage.backup(target, { signal: abort.signal, progress: () => abort.abort() })).rejects.toThrow(/abort/i);
        await storage.backup(target);
        await storage.transaction((queries) => queries.deleteFrom("example").execute());
        await storage.recount();
      });
    });

    describe("recount", () => {
      test("finds nothing wrong where nothing is", async () => {
        await storage.capture(
          [
            newRow(chat("q", "a"), { tags: ["a", "a"], findings: [finding("truncated")] }),
            newRow(chat("q", "b"), { lifecycle: "trashed" }),
          ],
          options,
        );
        await storage.addSignals([{ id: "s1", kind: "query", at: "2026-01-02T00:00:00.000Z" }]);
        expect(await storage.recount()).toEqual({ counters: [], facets: [], tags: [], repaired: true });
      });

      test("tells and repairs what is wrong: counters, facets, tags", async () => {
        const row = newRow(chat("q", "a"), { tags: ["a"], topic: "t" });
        const { id } = row.row;
        await storage.capture([row, newRow(chat("r", "a"))], options);
        await storage.transaction(async (queries) => {
          await queries.updateTable("counter").set({ count: 7 }).where("facet", "=", "kind").execute();
          await queries.deleteFrom("counter").where("facet", "=", "topic").execute();
          await queries.insertInto("counter").values({ facet: "rule", value: "gone", count: 3 }).execute();
          await queries.deleteFrom("example_tag").execute();
          await queries.updateTable("facet").set({ topic: 0, severity: 2 }).where("n", "=", 1).execute();
        });
        const wrong = {
          counters: [
            { facet: "kind", value: "chat", kept: 7, counted: 2 },
            { facet: "rule", value: "gone", kept: 3, counted: 0 },
            { facet: "topic", value: "t", kept: 0, counted: 1 },
          ],
          facets: [id],
          tags: [id],
        };
        expect(await storage.recount({ repair: false })).toEqual({ ...wrong, repaired: false });
        expect(await storage.recount()).toEqual({ ...wrong, repaired: true });
        expect(await storage.recount()).toEqual({ counters: [], facets: [], tags: [], repaired: true });
        await captureOne(newRow(chat("s", "a"), { topic: "t" }));
        expect(await counter("topic", "t")).toBe(2);
      });
    });

    test("counters, facets and tags equal a recount after whatever was captured and changed", async () => {
      const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const act of steps) await act(storage);
        await expectWhole(storage);
      });
      await expect(fc.assert(property, { numRuns: 25 })).resolves.toBeUndefined();
    });
  });
}

type Act = (storage: Storage) => Promise<unknown>;

const word = fc.constantFrom("a", "b", "c");
const someFindings = fc.array(
  fc
    .tuple(fc.constantFrom("truncated", "too-long"), fc.constantFrom("info", "warning", "error"))
    .map(([rule, severity]) => finding(rule, severity)),
  { maxLength: 3 },
);
const lifecycle = fc.constantFrom("active", "archived", "trashed");

/** Captures and edits over few questions and answers, so that they meet. */
const step: fc.Arbitrary<Act> = fc.oneof(
  fc
    .array(
      fc.record({
        question: word,
        answer: word,
        tags: fc.uniqueArray(word),
        topic: fc.option(word, { nil: undefined }),
        findings: someFindings,
        record: fc.option(word, { nil: undefined }),
        lifecycle,
      }),
      { maxLength: 4 },
    )
    .map(
      (rows): Act =>
        (storage) =>
          storage.capture(
            rows.map(({ question, answer, topic, record, ...more }) =>
              newRow(chat(question, answer), {
                ...more,
                ...(topic === undefined ? {} : { topic }),
                ...(record === undefined ? {} : { sourceId: record, sourceIdIsIdentity: true }),
              }),
            ),
            options,
          ),
    ),
  fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("near", "content")).map(([one, other, strategy]): Act => async (storage) => {
    const ids = await storage.read(({ queries }) => queries.selectFrom("example").select("id").execute());
    const [id = "nobody", witnessId = "nobody"] = [one, other].map((at) => ids[at % Math.max(1, ids.length)]?.id);
    // One run: its marks pile up, as those of several calls of a search do.
    return id === witnessId ? undefined : storage.markDuplicates([near(id, witnessId)], { ...search, strategy, runId: strategy });
  }),
  fc
    .record({
      at: fc.nat(),
      training: fc.constantFrom(0, 1),
      content: fc.option(fc.tuple(word, word), { nil: undefined }),
      topic: fc.option(word),
      lifecycle,
      tags: fc.option(fc.uniqueArray(word), { nil: undefined }),
      findings: fc.option(someFindings, { nil: undefined }),
    })
    .map(({ at, content, topic, training, lifecycle: moved, tags, findings }): Act => async (storage) => {
      const ids = await storage.read(({ queries }) => queries.selectFrom("example").select("id").execute());
      const id = ids[at % Math.max(1, ids.length)]?.id ?? "nobody";
      const set = { topic, lifecycle: moved, include_in_training: training, ...(content === undefined ? {} : saying(chat(...content))) };
      return storage.change([{ id, set, ...(tags === undefined ? {} : { tags }), ...(findings === undefined ? {} : { findings }) }], edit);
    }),
);

/** Holds everything that is kept twice against what it is kept from. */
export async function expectWhole(storage: Storage): Promise<void> {
  await expectWitnesses(storage);
  const { rows, findings, tags, codes, facets, counters, signals, revisions } = await storage.read(async ({ queries }) => ({
    rows: await queries.selectFrom("example").selectAll().orderBy("n").execute(),
    findings: await queries.selectFrom("finding").select(["n", "rule", "severity"]).execute(),
    tags: await queries.selectFrom("example_tag").selectAll().orderBy("n").orderBy("tag").execute(),
    codes: await queries.selectFrom("facet_value").selectAll().execute(),
    facets: await queries.selectFrom("facet").selectAll().orderBy("n").execute(),
    counters: await queries.selectFrom("counter").selectAll().execute(),
    signals: await queries.selectFrom("signal").select("kind").execute(),
    revisions: await queries.selectFrom("revision").select(["n", "rev"]).execute(),
  }));
  const counts = new Map<string, number>();
  const add = (facet: string, value: string | null | undefined): unknown =>
    typeof value === "string" ? counts.set(`${facet}: ${value}`, (counts.get(`${facet}: ${value}`) ?? 0) + 1) : undefined;
  const rank = ["info", "warning", "error"];
  const worst = (n: number): number =>
    Math.max(0, ...findings.filter((found) => found.n === n).map((found) => rank.indexOf(found.severity) + 1));
  for (const row of rows) {
    add("lifecycle", row.lifecycle);
    if (row.lifecycle === "trashed") continue;
    for (const column of facetColumns) if (column !== "lifecycle") add(column, row[column]);
    for (const tag of JSON.parse(row.tags) as string[]) add("tag", tag);
    for (const { rule } of findings.filter((found) => found.n === row.n)) add("rule", rule);
    add("severity", rank[worst(row.n) - 1]);
    expect(revisions.filter(({ n }) => n === row.n)).toHaveLength(row.rev - 1);
    expect(rowToExample(row).id).toBe(row.id);
  }
  for (const { kind } of signals) add("signal", kind);
  expect(new Map(counters.map(({ facet, value, count }) => [`${facet}: ${value}`, count]))).toEqual(counts);
  expect(tags).toEqual(
    rows
      .flatMap((row) => (JSON.parse(row.tags) as string[]).toSorted(byBytes).map((tag) => ({ tag, n: row.n })))
      .toSorted((a, b) => a.n - b.n),
  );
  const wordOf = new Map(codes.map(({ facet, code, value }) => [`${facet} ${code}`, value]));
  const decoded = facets.map((facet) => [
    facet.n,
    facet.severity,
    ...facetColumns.map((column) => wordOf.get(`${column} ${facet[column]}`) ?? null),
  ]);
  expect(decoded).toEqual(rows.map((row) => [row.n, worst(row.n), ...facetColumns.map((column) => row[column])]));
  expect(new Set(exampleColumns)).toEqual(
    new Set(Object.keys(rows[0] ?? Object.fromEntries(exampleColumns.map((column) => [column, 1]))).filter((column) => column !== "n")),
  );
}

/** Nothing is hidden unless something is kept in its place, and whatever is hidden says so. */
async function expectWitnesses(storage: Storage): Promise<void> {
  const { marks, rows, findings } = await storage.read(async ({ queries }) => ({
    marks: await queries.selectFrom("duplicate").selectAll().orderBy("n").execute(),
    rows: await queries.selectFrom("example").select(["n", "lifecycle", "include_in_training"]).execute(),
    findings: await queries
      .selectFrom("finding")
      .select("n")
      .where("rule", "in", ["near-duplicate", "exact-duplicate"])
      .orderBy("n")
      .execute(),
  }));
  expect(findings.map(({ n }) => n)).toEqual(marks.map(({ n }) => n));
  const rowAt = new Map(rows.map((row) => [row.n, row]));
  const marked = new Set(marks.map(({ n }) => n));
  for (const { n, witness_n: witness } of marks) {
    const [copy, kept] = [rowAt.get(n), rowAt.get(witness)];
    expect(marked).not.toContain(witness);
    expect([copy?.lifecycle, kept?.lifecycle]).not.toContain("trashed");
    if (copy?.lifecycle === "active") expect(kept?.lifecycle).toBe("active");
    if (copy?.include_in_training === 1) expect(kept?.include_in_training).toBe(1);
  }
}

/** As history shows a value. */
function shownColumn(value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

/** Keys compare as UTF-8 bytes everywhere. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
