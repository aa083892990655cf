import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import type { OperationOutput } from "./call.ts";
import type { TestWorkspace } from "./test-workspace.ts";
import { openTestWorkspace } from "./test-workspace.ts";

let opened: TestWorkspace;
beforeEach(async () => {
  opened = await openTestWorkspace();
});
afterEach(() => opened.end());

type Report = OperationOutput<"example.dedupe">;

const advice =
  "Sow the beans four to five centimetres deep once the soil has warmed to ten degrees, water them the same evening, put a stick beside each of them, and never let the slugs know where they are";

const post = (text: string, createdAt = "2026-05-01T08:00:00Z"): Json => ({ kind: "text", text, createdAt });

const chat = (question: string, answer: string, more: Record<string, Json> = {}): Json => ({
  kind: "chat",
  messages: [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ],
  ...more,
});

async function fill(rows: readonly Json[], dataset?: string, into: TestWorkspace = opened): Promise<void> {
  const file = await into.writeRows(`${rows.length}-${dataset ?? "pool"}.jsonl`, rows);
  const report = await into.call("example.import", { file, format: "tilth", ...(dataset === undefined ? {} : { dataset }) });
  expect(report).toMatchObject({ read: rows.length, accepted: rows.length });
}

async function textsThat(where: string, of: TestWorkspace = opened): Promise<readonly string[]> {
  const { examples } = await of.call("example.list", { where, limit: 1_000 });
  return examples.map((example) => (example.kind === "text" ? example.text : JSON.stringify(example))).toSorted();
}

/** All but what tells one run from another. */
function found({ run: _run, effect: _effect, elapsedMs: _elapsedMs, ...rest }: Report): object {
  return rest;
}

describe("near-duplicates", () => {
  const nearly = [
    post(advice, "2026-05-02T08:00:00Z"),
    post(advice.replace("same evening", "same morning"), "2026-05-03T08:00:00Z"),
    post(`${advice} 🐌`, "2026-05-04T08:00:00Z"),
    post(advice.toUpperCase(), "2026-05-05T08:00:00Z"),
    post("The first frost came on the ninth of October, a week earlier than last year."),
  ];

  test("the oldest of equally good ones stays; the others are marked with it, the similarity and a finding", async () => {
    await fill(nearly);
    const report = await opened.call("example.dedupe", {});
    expect(report).toMatchObject({
      strategy: "near",
      threshold: 0.8,
      method: "exact",
      read: 5,
      kept: 2,
      dropped: 3,
      copies: 1,
      effect: "marked",
    });
    expect(report.run).toMatchObject({ changed: 3, replaced: 0, skipped: [] });
    const [cluster] = report.clusters.first;
    expect(report.clusters.count).toBe(1);
    expect(cluster).toMatchObject({ kept: { text: advice }, weight: 4 });
    expect(cluster?.dropped.map(({ similarity }) => similarity)).toEqual([1, 35 / 36, 32 / 38]);
    expect(cluster?.dropped[1]?.changes).toEqual([{ kept: "", dropped: "🐌" }]);
    expect(cluster?.dropped[2]?.changes).toEqual([{ kept: "evening,", dropped: "morning," }]);
    expect(report.similarities.filter(({ count }) => count > 0)).toEqual([
      { from: 1, count: 1 },
      { from: 0.95, count: 1 },
      { from: 0.8, count: 1 },
    ]);
    expect(await textsThat("isDuplicate = false")).toHaveLength(2);
    expect(await textsThat("rule = near-duplicate")).toHaveLength(2);
    expect(await textsThat("rule = exact-duplicate")).toEqual([advice.toUpperCase()]);
    const [marked] = (await opened.call("example.list", { where: "isDuplicate = true" })).examples;
    expect((await opened.call("example.show", { id: marked?.id ?? "" })).example).toMatchObject({ rev: 1, lifecycle: "active" });
  });

  test("a dry run finds the same and writes nothing", async () => {
    await fill(nearly);
    const foretold = await opened.call("example.dedupe", { dryRun: true });
    expect(foretold).toMatchObject({ effect: "nothing", dropped: 3 });
    expect(foretold.run).toBeUndefined();
    expect(await textsThat("isDuplicate = true")).toEqual([]);
    const done = await opened.call("example.dedupe", {});
    expect(found(done)).toEqual(found(foretold));
    expect(found(await opened.call("example.dedupe", { dryRun: true, trash: true }))).toEqual(found(foretold));
    expect(await textsThat("lifecycle = trashed")).toEqual([]);
  });

  test("the order in which examples came in does not count", async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      post(`${advice} ${"and then some more ".repeat(i % 4)}bed ${i}`, new Date(Date.UTC(2026, 4, 1 + i)).toISOString()),
    );
    const other = await openTestWorkspace();
    try {
      await fill(rows);
      await fill(rows.toReversed(), undefined, other);
      const [report, turned] = [await opened.call("example.dedupe", {}), await other.call("example.dedupe", {})];
      expect(report.dropped).toBeGreaterThan(10);
      expect([turned.kept, turned.dropped, turned.similarities]).toEqual([report.kept, report.dropped, report.similarities]);
      expect(await textsThat("isDuplicate = true", other)).toEqual(await textsThat("isDuplicate = true"));
    } finally {
      await other.end();
    }
  });

  test("drops what comparing each with each would drop, and for the same witness", async () => {
    const rows = manyAlike(400);
    const file = await opened.writeRows("alike.jsonl", rows);
    await opened.call("example.import", { file, format: "tilth" });
    const report = await opened.call("example.dedupe", { threshold: 0.6, limit: 1_000 });
    const witnesses = report.clusters.first.flatMap(({ kept, dropped }) =>
      dropped.map(({ id, similarity }) => [id, kept.id, similarity] as const),
    );
    expect(witnesses.length).toBeGreaterThan(40);
    const expected = byEachWithEach((await opened.call("example.list", { limit: 1_000 })).examples, 0.6);
    expect(report.dropped).toBe(expected.size);
    for (const [id, witness, similarity] of witnesses) expect([id, witness, similarity]).toEqual([id, ...(expected.get(id) ?? [])]);
  });

  test("a lower threshold takes in more, and its marks take the place of the earlier ones", async () => {
    await fill([post(advice), post(advice.replace("evening", "morning").replace("slugs", "snails"), "2026-05-02T08:00:00Z")]);
    expect(await opened.call("example.dedupe", {})).toMatchObject({ dropped: 0, run: { changed: 0, replaced: 0 } });
    expect(await opened.call("example.dedupe", { threshold: 0.6 })).toMatchObject({ dropped: 1, run: { changed: 1 } });
    expect(await opened.call("example.dedupe", {})).toMatchObject({ dropped: 0, run: { changed: 0, replaced: 1 } });
    expect(await textsThat("isDuplicate = true")).toEqual([]);
  });

  test("a search over a dataset leaves the marks of one over another", async () => {
    await fill([post(advice), post(`${advice}!`, "2026-05-02T08:00:00Z")], "beans");
    await fill([post(`Well: ${advice}`, "2026-05-03T08:00:00Z"), post("Well, no."), post("Well - no.")], "wells");
    expect(await opened.call("example.dedupe", { dataset: "beans" })).toMatchObject({ read: 2, dropped: 1 });
    expect(await opened.call("example.dedupe", { dataset: "wells" })).toMatchObject({ read: 3, dropped: 1 });
    expect(await opened.call("example.dedupe", { where: "text contains well" })).toMatchObject({ read: 3, dropped: 1 });
    expect(await textsThat("isDuplicate = true")).toHaveLength(2);
    expect(await opened.call("example.dedupe", {})).toMatchObject({ read: 5, dropped: 3 });
  });

  test("what is left out of training stands for nothing that is not", async () => {
    const long = `${advice}. Ask again in June.`;
    await fill([post(advice), post(long, "2026-05-09T08:00:00Z")]);
    const [older] = (await opened.call("example.list", { where: "createdAt < 2026-05-05" })).examples;
    await opened.call("example.edit", { id: older?.id ?? "", set: { includeInTraining: false } });
    const report = await opened.call("example.dedupe", {});
    expect(report).toMatchObject({ dropped: 1, run: { changed: 1, skipped: [] }, clusters: { first: [{ kept: { text: long } }] } });
  });
});

describe("what contradicts is never dropped", () => {
  const question = `${advice}: is that right, and would you do the same in a wet year on heavy soil, where the water stands until May?`;

  test("one long question with other answers is a conflict; with nearly the same answer it is a repetition", async () => {
    const answer = `Yes: ${advice.replace("Sow", "I sow")}.`;
    await fill([
      chat(question, "Yes, it is."),
      chat(question, "No, wait for June."),
      chat(question, "no; wait for JUNE"),
      chat(question, answer),
      chat(question, `${answer} Good luck!`),
    ]);
    const report = await opened.call("example.dedupe", {});
    expect(report).toMatchObject({ read: 5, kept: 3, dropped: 2, conflicts: { inputs: 1, examples: 3 } });
    expect(report.conflicts.first).toMatchObject([{ rule: "conflicting-answer", examples: 3 }]);
    const dropped = await textsThat("isDuplicate = true");
    expect(dropped.filter((text) => text.includes("I sow"))).toHaveLength(1);
    expect(dropped.filter((text) => /wait for june/i.test(text))).toHaveLength(1);
    expect(await opened.call("example.dedupe", { strategy: "content", dryRun: true })).toMatchObject({ dropped: 1 });
  });

  test("a preference turned round, another label and another verdict say the opposite", async () => {
    const [good, bad] = [`Do: ${advice}.`, `Do not: ${advice.replace("Sow", "Drown").replace("four to five", "ninety")}.`].map(
      (content) => [{ role: "assistant", content }],
    );
    const prompt = [{ role: "user", content: "How do I sow beans?" }];
    await fill([
      { kind: "preference", prompt, chosen: good ?? [], rejected: bad ?? [] },
      { kind: "preference", prompt, chosen: bad ?? [], rejected: good ?? [] },
      { kind: "rating", prompt, completion: good ?? [], label: true },
      { kind: "rating", prompt, completion: good ?? [], label: false },
      { kind: "classification", text: advice, labels: { intent: "advise" }, entities: [] },
      { kind: "classification", text: advice, labels: { intent: "warn" }, entities: [] },
      {
        kind: "classification",
        text: advice,
        labels: { intent: "warn" },
        entities: [{ label: "animal", start: 162, end: 167, surface: "slugs" }],
      },
      { kind: "text", text: advice },
    ]);
    expect(await opened.call("example.dedupe", {})).toMatchObject({ read: 8, dropped: 0 });
  });

  test("the strategy of document 4 keeps one answer a prompt, whatever the others say", async () => {
    await fill([
      chat("When is the first frost?", "In October."),
      chat("  when is the first FROST?", "Never."),
      chat("And the last?", "In May."),
    ]);
    const report = await opened.call("example.dedupe", { strategy: "input" });
    expect(report).toMatchObject({ method: "prompt-key", kept: 2, dropped: 1, run: { changed: 1 } });
  });
});

describe("taking back", () => {
  beforeEach(() => fill([post(advice), post(`${advice}!`, "2026-05-02T08:00:00Z"), post(`${advice} 🐌`, "2026-05-03T08:00:00Z")]));

  test("marks end, newest run first", async () => {
    const { run: first } = await opened.call("example.dedupe", { strategy: "content" });
    const { run: second } = await opened.call("example.dedupe", {});
    expect(second).toMatchObject({ changed: 2, replaced: 1 });
    expect(await opened.call("duplicate.undo", {})).toEqual({ runId: second?.id, cleared: 2, restored: 0 });
    // What it replaced does not come back.
    await expect(opened.call("duplicate.undo", { run: first?.id ?? "" })).rejects.toMatchObject({ code: "dedupe/nothing-to-undo" });
    expect(await textsThat("isDuplicate = true or rule = near-duplicate")).toEqual([]);
  });

  test("what went to the trash comes back, unless somebody decided about it since", async () => {
    const { run, clusters } = await opened.call("example.dedupe", { trash: true });
    expect(run).toMatchObject({ changed: 2, skipped: [] });
    expect(await textsThat("lifecycle = trashed")).toHaveLength(2);
    const [one = "", other = ""] = clusters.first[0]?.dropped.map(({ id }) => id) ?? [];
    const { revisions } = await opened.call("example.history", { id: one });
    expect(revisions[0]).toMatchObject({
      op: "trash",
      reason: `dedupe ${run?.id}: repeats ${clusters.first[0]?.kept.id} (similarity 1.000)`,
    });
    await opened.call("example.restore", { ids: [other] });
    await opened.call("example.trash", { ids: [other], reason: "by hand" });
    expect(await opened.call("duplicate.undo", { run: run?.id.slice(0, 20).toLowerCase() ?? "" })).toEqual({
      runId: run?.id,
      cleared: 0,
      restored: 1,
    });
    expect((await opened.call("example.list", { where: "lifecycle = trashed" })).examples.map(({ id }) => id)).toEqual([other]);
  });
});

describe("many at once", () => {
  /** One text in many spellings: copies to whoever compares words. */
  const spellings = Array.from({ length: 6_000 }, (_, i) =>
    post(
      `${advice}${i.toString(3).replaceAll("0", ".").replaceAll("1", "!").replaceAll("2", "?")}`,
      new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
    ),
  );

  test("ten thousand answers to one prompt are one conflict and no cluster", { timeout: 60_000 }, async () => {
    await fill(Array.from({ length: 10_000 }, (_, i) => chat("What shall I sow today?", `Number ${i} of the list, in bed ${i % 97}.`)));
    const report = await opened.call("example.dedupe", { limit: 2 });
    expect(report).toMatchObject({ read: 10_000, dropped: 0, conflicts: { inputs: 1, examples: 10_000 } });
    expect(await opened.call("example.dedupe", { strategy: "input", limit: 2 })).toMatchObject({
      kept: 1,
      dropped: 9_999,
      run: { changed: 9_999 },
    });
  });

  test.each(["marking", "moving to the trash"])(
    "killed while %s, and called again, it ends as if nothing had been",
    { timeout: 60_000 },
    async (step) => {
      await fill(spellings);
      const trash = step !== "marking";
      await killedAt(opened.folder, step, trash);
      const where = trash ? "lifecycle = trashed" : "isDuplicate = true";
      const counted = async (): Promise<number> =>
        (await opened.workspace.storage()).read(async ({ queries }) => {
          const query = trash
            ? queries.selectFrom("example").where("lifecycle", "=", "trashed")
            : queries.selectFrom("duplicate").innerJoin("example", "example.n", "duplicate.n");
          return (await query.select(({ fn }) => fn.countAll<number>().as("rows")).executeTakeFirstOrThrow()).rows;
        });
      expect(await counted()).toBe(5_000);
      const again = await opened.call("example.dedupe", { trash });
      expect(again.run).toMatchObject({ changed: trash ? 999 : 5_999, skipped: [] });
      expect(await counted()).toBe(5_999);
      expect(await textsThat(`not (${where}) and lifecycle = active`)).toEqual([`${advice}.`]);
    },
  );
});

describe("what cannot be compared", () => {
  test("an empty pool is no mistake", async () => {
    expect(await opened.call("example.dedupe", {})).toMatchObject({ read: 0, kept: 0, dropped: 0, clusters: { count: 0, first: [] } });
  });

  test("texts without words repeat nothing", async () => {
    await fill([post("one bed"), post("two beds"), post(advice)]);
    const { examples } = await opened.call("example.list", { where: "text contains bed" });
    expect(examples).toHaveLength(2);
    // The door lets none in, but pools are older than rules.
    const changes = examples.map(({ id }) => ({ id, set: { input_text: "... !!!" } }));
    await (await opened.workspace.storage()).change(changes, { op: "edit", actor: "user:test", atMs: 0 });
    for (const strategy of ["content", "near"] as const)
      expect(await opened.call("example.dedupe", { strategy })).toMatchObject({ read: 3, dropped: 0, withoutWords: 2 });
  });

  test.each([0, -1, 2, Number.NaN])("refuses a threshold of %d", async (threshold) => {
    await expect(opened.call("example.dedupe", { threshold })).rejects.toMatchObject({ code: "input/invalid" });
  });

  test("refuses a threshold where whole texts are compared, a dataset that is not there, and a filter that is none", async () => {
    await expect(opened.call("example.dedupe", { strategy: "content", threshold: 0.5 })).rejects.toMatchObject({ code: "input/invalid" });
    await expect(opened.call("example.dedupe", { dataset: "nobody" })).rejects.toMatchObject({ code: "dataset/not-found" });
    await expect(opened.call("example.dedupe", { where: "quality >" })).rejects.toMatchObject({ code: expect.stringMatching(/^filter\//) });
  });
});

/** Short texts of few words, so that many are alike; some of them labelled. */
function manyAlike(count: number): readonly Json[] {
  let state = 7;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const starts = Array.from({ length: 12 }, () => Array.from({ length: 14 }, () => `w${below(30)}`));
  return Array.from({ length: count }, (_, i) => {
    const words = [...(starts[below(starts.length)] ?? [])];
    for (let edits = below(4); edits > 0; edits--) words[below(words.length)] = below(2) === 0 ? `W${below(30)}!` : `w${below(30)}`;
    const [text, createdAt] = [words.join(" "), new Date(Date.UTC(2026, 0, 1 + below(300))).toISOString()];
    return i % 3 === 0 ? { kind: "classification", text, labels: { intent: `i${i % 2}` }, entities: [], createdAt } : post(text, createdAt);
  });
}

type Listed = OperationOutput<"example.list">["examples"];

/** The rule as it is written down: the best first, each dropped for the most similar one that is kept. */
function byEachWithEach(examples: Listed, threshold: number): ReadonlyMap<string, readonly [witness: string, similarity: number]> {
  const order = examples.toSorted(
    (a, b) => (b.quality.score ?? -1) - (a.quality.score ?? -1) || a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id),
  );
  const kept: { readonly id: string; readonly group: string; readonly said: ReadonlySet<string> }[] = [];
  const dropped = new Map<string, readonly [string, number]>();
  for (const example of order) {
    const words = ("text" in example ? example.text : "").toLowerCase().match(/\w+/g) ?? [];
    const said = new Set(words.slice(2).map((_, i) => words.slice(i, i + 3).join(" ")));
    const group = example.kind === "classification" ? `${example.labels.intent}` : example.kind;
    let best: readonly [string, number] | undefined;
    for (const other of kept.filter((one) => one.group === group)) {
      const shared = [...said].filter((shingle) => other.said.has(shingle)).length;
      const similarity = shared / (said.size + other.said.size - shared);
      if (similarity >= threshold && similarity > (best?.[1] ?? 0)) best = [other.id, similarity];
    }
    if (best === undefined) kept.push({ id: example.id, group, said });
    else dropped.set(example.id, best);
  }
  return dropped;
}

/** A process that kills itself as soon as the first piece is written. */
async function killedAt(folder: string, step: string, trash: boolean): Promise<void> {
  const core = new URL("../index.ts", import.meta.url).href;
  const program = `
    const { callOperation, openWorkspace } = await import(${JSON.stringify(core)});
    const workspace = await openWorkspace(${JSON.stringify(folder)}, { toolVersion: "0.0.0" });
    const host = { folder: ${JSON.stringify(folder)}, workspace: () => Promise.resolve(workspace) };
    const progress = ({ step, done }) => { if (step === ${JSON.stringify(step)} && done > 0) process.kill(process.pid, "SIGKILL"); };
    await callOperation("example.dedupe", { trash: ${trash} }, host, { actor: "user:test", progress });
  `;
  const ended = await new Promise((resolve) => {
    spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "inherit" }).on("close", (_, signal) => resolve(signal));
  });
  expect(ended).toBe("SIGKILL");
}
