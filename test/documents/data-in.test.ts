import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImportReport, Workspace } from "../../packages/core/src/index.ts";
import { callOperation, createWorkspace, openWorkspace } from "../../packages/core/src/index.ts";
import type { FileName } from "./samples.ts";
import { files } from "./samples.ts";

/** What an import says of each file: its format, rows, examples and signals. */
const expected: readonly (readonly [FileName, string, number, number, number])[] = [
  ["gm_posts.json", "document-post", 1, 1, 0],
  ["intents.json", "document-intent", 1, 1, 0],
  ["training.jsonl", "document-training", 1, 1, 0],
  ["examples_20250115.jsonl", "document-interaction", 2, 2, 0],
  ["corrections.jsonl", "document-correction", 1, 4, 1],
  ["extraction.jsonl", "document-extraction", 1, 1, 0],
  ["feedback.jsonl", "document-feedback", 2, 0, 2],
  ["queries.jsonl", "document-query", 1, 0, 1],
];

describe("the five documents' own records, imported into one workspace", () => {
  let folder = "";
  let workspace: Workspace;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tilth-documents-"));
    await createWorkspace(folder, { packs: ["social", "intents", "assistant", "roofing", "insights"] });
    workspace = await openWorkspace(folder, { toolVersion: "0.0.0" });
    for (const [name, content] of Object.entries(files)) {
      const text =
        name.endsWith(".jsonl") && Array.isArray(content)
          ? content.map((row) => `${JSON.stringify(row)}\n`).join("")
          : JSON.stringify(content);
      await writeFile(join(folder, name), text);
    }
  });
  afterAll(async () => {
    await workspace.close();
    await rm(folder, { recursive: true });
  });

  function importFile(name: FileName): Promise<ImportReport> {
    const host = { folder, workspace: () => Promise.resolve(workspace) };
    return callOperation("example.import", { file: join(folder, name) }, host, { actor: "test" });
  }

  test.each(expected)("%s is recognised as %s and comes in whole", async (name, format, rows, examples, signals) => {
    const report = await importFile(name);
    expect(report).toMatchObject({ format: { name: format }, read: rows, accepted: rows, rejected: 0, signals, refusals: [] });
    expect(report.examples).toMatchObject({ accepted: examples });
  });

  test.each(expected)("%s again adds nothing", async (name, _, rows, examples) => {
    const report = await importFile(name);
    expect(report).toMatchObject({ read: rows, rejected: 0, updated: 0, signals: 0 });
    expect(report.examples).toMatchObject({ accepted: 0, duplicate: examples });
  });

  /** Rows by what their column `source_id` begins with. */
  async function rowsOf(sourceId: string) {
    const storage = await workspace.storage();
    return storage.read(({ queries }) =>
      queries.selectFrom("example").selectAll().where("source_id", "like", `${sourceId}%`).orderBy("n").execute(),
    );
  }

  test("document 1: a post stands in its columns, its counts beside it", async () => {
    const [row] = await rowsOf("sample_001");
    expect(row).toMatchObject({
      kind: "text",
      input_text: "gm to data contributors who deserve equity 🎀",
      type: "gm",
      topic: "data_ownership",
      style: "short",
      source_kind: "post",
      created_at: Date.parse("2026-01-07T10:00:00Z"),
    });
    expect(JSON.parse(row?.features ?? "")).toMatchObject({ has_emoji: true, tone: "critical" });
    expect(JSON.parse(row?.metadata ?? "")).toMatchObject({ freshness_score: 0.85, use_count: 3, performance_trend: "stable" });
    const storage = await workspace.storage();
    const stats = await storage.read(({ queries }) =>
      queries
        .selectFrom("example_stat")
        .selectAll()
        .where("n", "=", row?.n ?? -1)
        .execute(),
    );
    expect(stats).toMatchObject([{ likes: 150, reposts: 30, replies: 10, impressions: 5000 }]);
  });

  test("document 2: labels and entities stand in their columns", async () => {
    const storage = await workspace.storage();
    const [row] = await storage.read(({ queries }) =>
      queries.selectFrom("example").selectAll().where("intent", "=", "cancel_order").execute(),
    );
    expect(row).toMatchObject({
      kind: "classification",
      sentiment: "negative",
      persona: "support",
      confidence: 0.9,
      source: "conversation",
    });
    expect(JSON.parse(row?.entities ?? "")).toEqual([{ label: "ORG", start: 10, end: 14, surface: "Acme" }]);
    expect(JSON.parse(row?.metadata ?? "")).toEqual({ row: 7 });
  });

  test("document 3: a row of its table stands under the same names", async () => {
    const [row] = await rowsOf("esc_42");
    const [told] = files["training.jsonl"];
    expect(row).toMatchObject({
      kind: "chat",
      source: told.source,
      input_text: told.input_text,
      output_text: told.output_text,
      system_prompt: told.system_prompt,
      context: told.context,
      domain: told.domain,
      complexity: told.complexity,
      created_at: 1767780000500,
      parent_id: "ex_0",
      group_key: "ex_0",
      validated: 1,
    });
    expect(row?.body).toContain("I am new to Python.");
    expect(JSON.parse(row?.metadata ?? "")).toMatchObject({ used_in_training: 1, training_run_id: "run_7", quality_tier: "bronze" });
  });

  test("document 4: interactions and documents stand in their columns", async () => {
    const [chat] = await rowsOf("train_20250115_001");
    expect(chat).toMatchObject({ kind: "chat", source_kind: "conversation", project: "general", include_in_training: 1 });
    expect(chat).toMatchObject({ feedback: "positive", was_corrected: 0, verified_accurate: 1, relevance: "high" });
    const [document] = await rowsOf("doc_20250115_001");
    expect(document).toMatchObject({ source_kind: "document", type: "rfi", was_used: 1, modifications_made: "minor" });
  });

  test("document 4: a correction is four rows of one group and one signal", async () => {
    const rows = await rowsOf("correction_20250115_001");
    expect(rows.map(({ kind, label }) => [kind, label])).toEqual([
      ["chat", null],
      ["preference", null],
      ["rating", 1],
      ["rating", 0],
    ]);
    const shared = {
      group_key: "correction_20250115_001",
      learning_value: "very-high",
      relevance: "high",
      was_corrected: 1,
      corrector: "armand",
    };
    for (const row of rows) expect(row).toMatchObject(shared);
    expect(rows[1]).toMatchObject({
      rejected_output: "TPO seams require 2 inch minimum overlap.",
      preference_reason: rows[1]?.correction_reason,
    });
  });

  test("document 5: an extraction stands in its columns", async () => {
    const [row] = await rowsOf("https://example.com/article");
    expect(row).toMatchObject({
      kind: "extraction",
      topic: "value investing",
      context: files["extraction.jsonl"][0].source_content,
      confidence: 0.85,
    });
    expect(row?.body).toContain("counterintuitive");
    expect(JSON.parse(row?.metadata ?? "")).toMatchObject({ url: "https://example.com/article", quality_score: 8.5, passed_filters: true });
  });

  test("document 5: what people did and searched for are signals, once each", async () => {
    const storage = await workspace.storage();
    const signals = await storage.read(({ queries }) =>
      queries.selectFrom("signal").select(["kind", "action", "item_id", "payload"]).orderBy("seq").execute(),
    );
    expect(signals.map(({ kind, action, item_id: item }) => [kind, action, item])).toEqual([
      ["correction", null, null],
      ["engagement", "like", "abc123"],
      ["engagement", "x", "abc123"],
      ["query", null, null],
    ]);
    expect(JSON.parse(signals[3]?.payload ?? "")).toMatchObject({ query: "buffett alphabet stake" });
  });

  test("a signal is redacted like an example", async () => {
    const row = { ...files["queries.jsonl"][0], query: "who is ana@example.org" };
    await writeFile(join(folder, "personal.jsonl"), `${JSON.stringify(row)}\n`);
    const host = { folder, workspace: () => Promise.resolve(workspace) };
    const report = await callOperation("example.import", { file: join(folder, "personal.jsonl") }, host, { actor: "test" });
    expect(report).toMatchObject({ signals: 1, redacted: { EMAIL: 1 } });
    const storage = await workspace.storage();
    const signals = await storage.read(({ queries }) => queries.selectFrom("signal").select("payload").execute());
    expect(signals.filter(({ payload }) => payload.includes("ana@example.org"))).toEqual([]);
  });
});
