import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesSource, pipeSource } from "../files/test-sources.ts";
import type { TestWorkspace } from "../operations/test-workspace.ts";
import { openTestWorkspace } from "../operations/test-workspace.ts";
import type { ByteSource } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import type { ImportReport } from "./report.ts";

let opened: TestWorkspace;
beforeAll(async () => {
  opened = await openTestWorkspace({ packs: ["assistant"] });
});
afterAll(() => opened.end());

type Given = Parameters<typeof opened.call<"example.import">>[1];

function jsonLines(rows: readonly Json[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

function importText(text: string | Uint8Array, given: Given = {}, name = "rows.jsonl"): Promise<ImportReport> {
  return opened.call("example.import", given, { body: bytesSource(text, 1 << 16, name) });
}

const importRows = (rows: readonly Json[], given: Given = {}): Promise<ImportReport> => importText(jsonLines(rows), given);

async function refusedLines(report: ImportReport): Promise<readonly Record<string, unknown>[]> {
  if (report.rejectedFile === undefined) return [];
  const text = await readFile(report.rejectedFile, "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

let next = 0;
/** A question and an answer that no other row has. */
function fresh(told: Record<string, Json> = {}): Record<string, Json> {
  next++;
  return { question: `What is entry ${next} about?`, answer: `Entry ${next} is about the ${next} jars of honey on the shelf.`, ...told };
}

describe("it adds up", () => {
  const line = fc.oneof(
    fc.constant("good" as const),
    fc.constant("broken" as const),
    fc.constant("copy" as const),
    fc.constant("empty" as const),
    fc.constant("shapeless" as const),
  );

  test("read = accepted + updated + duplicate + rejected, each refused line is listed, redacted, and a second import adds nothing", async () => {
    const property = fc.asyncProperty(fc.array(line, { maxLength: 40 }), async (kinds) => {
      const first = JSON.stringify(fresh());
      const lines = [first, ...kinds.map(textOf)];
      const text = lines.join("\n");
      function textOf(kind: (typeof kinds)[number]): string {
        switch (kind) {
          case "good":
            return JSON.stringify(fresh());
          case "copy":
            return first;
          case "broken":
            return '{"question": "cut off, ana@example.org';
          case "empty":
            return '{"question": "Mail ana@example.org?", "answer": " "}';
          case "shapeless":
            return '["ana@example.org"]';
        }
      }
      const count = (...which: string[]): number => kinds.filter((kind) => which.includes(kind)).length;
      const report = await importText(text, { format: "prompt-response", layout: "jsonl" });
      expect(report).toMatchObject({
        read: lines.length,
        accepted: 1 + count("good"),
        updated: 0,
        duplicate: count("copy"),
        rejected: count("broken", "empty", "shapeless"),
      });
      expect(report.refusals.reduce((sum, refusal) => sum + refusal.count, 0)).toBe(report.rejected);

      const refused = await refusedLines(report);
      const expected = lines.flatMap((_, index) => (["broken", "empty", "shapeless"].includes(kinds[index - 1] ?? "") ? [index + 1] : []));
      expect(refused.map((entry) => entry["line"])).toEqual(expected);
      expect(JSON.stringify(refused)).not.toContain("ana@");

      const again = await importText(text, { format: "prompt-response", layout: "jsonl" });
      expect(again).toMatchObject({
        read: report.read,
        accepted: 0,
        updated: 0,
        duplicate: report.accepted + report.duplicate,
        rejected: report.rejected,
      });
    });
    await expect(fc.assert(property, { numRuns: 15 })).resolves.toBeUndefined();
  });

  test("over several batches, in the order of the file", async () => {
    const rows = Array.from({ length: 2_100 }, () => fresh());
    const lines = rows.map((row) => JSON.stringify(row));
    lines[1_499] = "{";
    lines[2_050] = lines[3] ?? "";
    const report = await importText(lines.join("\n"));
    expect(report).toMatchObject({ read: 2_100, accepted: 2_098, duplicate: 1, rejected: 1 });
    expect(report.refusals).toMatchObject([{ reason: "unreadable", count: 1, lines: [1_500] }]);
  });

  test("a row of several examples counts once, as the best of what became of them", async () => {
    const corrected = {
      original_prompt: "How many squares is 40 by 25 ft?",
      original_response: "It is 100 squares.",
      corrected_response: "1,000 square feet are ten squares.",
    };
    const report = await importRows([corrected]);
    expect(report).toMatchObject({ read: 1, accepted: 1, examples: { accepted: 4 }, kinds: { rating: 2, chat: 1, preference: 1 } });
    expect(await importRows([corrected])).toMatchObject({ read: 1, duplicate: 1, examples: { duplicate: 4 } });
  });

  test("a row that gives nothing is refused, also behind one that gave a signal", async () => {
    const shown = { timestamp: "2026-01-01T00:00:00Z", insight_id: "i-1", action: "like" };
    const report = await importRows([shown, { ...shown, action: "dance" }], { format: "document-feedback" });
    expect(report).toMatchObject({ read: 2, accepted: 1, rejected: 1, signals: 1, refusals: [{ reason: "action", lines: [2] }] });
  });
});

describe("the report", () => {
  test("tells size and SHA-256 of the bytes, once however often they were looked at", async () => {
    const text = jsonLines([fresh(), fresh()]);
    const facts = { sizeBytes: Buffer.byteLength(text), sha256: createHash("sha256").update(text).digest("hex") };
    expect(await importText(text)).toMatchObject(facts);
    expect(await opened.call("example.import", {}, { body: pipeSource(text, 7) })).toMatchObject({ ...facts, file: "standard input" });
  });

  test("of a packed file tells the file as it lies there, and says that it was unpacked", async () => {
    const packed = gzipSync(jsonLines([fresh()]));
    const report = await importText(packed, {}, "rows.jsonl.gz");
    expect(report).toMatchObject({
      accepted: 1,
      layout: { name: "jsonl" },
      sizeBytes: packed.length,
      sha256: createHash("sha256").update(packed).digest("hex"),
    });
    expect(report.notes.join(" ")).toContain("gzip");
    expect(await importText(packed, { layout: "jsonl" }, "rows.gz")).toMatchObject({ duplicate: 1 });
  });

  test("lies beside the refused rows and stands in the pool", async () => {
    const report = await importRows([fresh(), { question: "only" }], { dataset: "Reported", format: "prompt-response" });
    const folder = join(opened.workspace.paths.imports, report.id);
    expect((await readdir(folder)).sort()).toEqual(["report.json", "rows.jsonl.rejected.jsonl"]);
    expect(JSON.parse(await readFile(join(folder, "report.json"), "utf8"))).toEqual(report);
    const storage = await opened.workspace.storage();
    const stored = await storage.read(({ queries }) =>
      queries.selectFrom("import").selectAll().where("id", "=", report.id).executeTakeFirst(),
    );
    expect(stored).toMatchObject({ dataset_id: "reported", accepted: 1, rejected: 1, format: report.format.name, actor: "user:test" });
  });

  test("counts what was redacted, found, and answered in another way elsewhere", async () => {
    const asked = fresh();
    const report = await importRows([asked, { ...asked, answer: "Ask ana@example.org about that, she counted them all ..." }]);
    expect(report).toMatchObject({ accepted: 2, conflicts: 1, redacted: { EMAIL: 1 } });
    expect(Object.keys(report.findings)).toContain("truncated");
  });
});

describe("a record that was here before", () => {
  const record = (id: string, response: string): Json => ({ id, prompt: `What about ${id}?`, response, include_in_training: true });
  const answers = ["It is still open, the inspector comes on Monday.", "It was closed on Tuesday after the second inspection."] as const;

  test.each([
    ["is updated where its content differs", "update", { updated: 1, accepted: 0 }, 1],
    ["is skipped when asked", "skip", { duplicate: 1, accepted: 0 }, 0],
    ["is added beside itself when asked", "add", { accepted: 1, updated: 0 }, 1],
  ] as const)("%s", async (_, onChange, expected, newest) => {
    const id = `case-${onChange}`;
    expect(await importRows([record(id, answers[0])])).toMatchObject({ accepted: 1, format: { name: "document-interaction" } });
    const foreseen = await importRows([record(id, answers[1])], { onChange, dryRun: true });
    expect(foreseen).toMatchObject({ read: 1, ...expected });
    expect(await importRows([record(id, answers[1])], { onChange })).toMatchObject({ read: 1, ...expected });
    const { examples } = await opened.call("example.list", { where: `sourceId = ${id}` });
    expect(examples).toHaveLength(onChange === "add" ? 2 : 1);
    expect(examples[0]).toMatchObject({ messages: [{}, { content: answers[newest] }], rev: onChange === "update" ? 2 : 1 });
  });

  test("with the same content is a duplicate, whatever is asked", async () => {
    await importRows([record("case-same", answers[0])]);
    for (const onChange of ["update", "skip", "add"] as const) {
      expect(await importRows([record("case-same", answers[0])], { onChange })).toMatchObject({ duplicate: 1 });
    }
  });
});

describe("signals", () => {
  const at = "2026-02-03T04:05:06Z";

  test("are stored once, and an import of nothing new says so", async () => {
    const rows = ["like", "x", "like"].map((action, index) => ({ timestamp: at, insight_id: `insight-${index % 2}`, action }));
    expect(await importRows(rows)).toMatchObject({ format: { name: "document-feedback" }, read: 3, accepted: 2, duplicate: 1, signals: 2 });
    expect(await importRows(rows)).toMatchObject({ read: 3, accepted: 0, duplicate: 3, signals: 0 });
  });

  test("are redacted and mended like everything else", async () => {
    const query = "mail of ana@example.org\u0000";
    const report = await importRows([{ timestamp: at, query, results: [{ url: "https://example.com/a", quality: 7 }] }]);
    expect(report).toMatchObject({ format: { name: "document-query" }, accepted: 1, signals: 1, redacted: { EMAIL: 1 } });
    const storage = await opened.workspace.storage();
    const stored = await storage.read(({ queries }) => queries.selectFrom("signal").selectAll().where("kind", "=", "query").execute());
    expect(JSON.stringify(stored)).toContain("mail of [REDACTED_EMAIL]\ufffd");
    expect(JSON.stringify(stored)).not.toContain("ana@");
  });

  test("of a row whose examples are refused are refused with them", async () => {
    const row = {
      timestamp: at,
      original_prompt: "How many?",
      original_response: "A hundred.",
      corrected_response: " ",
      id: "refused-correction",
    };
    const before = await opened.call("pool.stats", {});
    const report = await importRows([{ ...row, original_prompt: " " }]);
    expect(report).toMatchObject({ read: 1, rejected: 1, signals: 0 });
    expect(await opened.call("pool.stats", {})).toEqual({ ...before, imports: before.imports + 1 });
  });
});

describe("members", () => {
  test("are all accepted rows and all that were there already", async () => {
    const [old, other] = [fresh(), fresh()];
    await importRows([old]);
    await importRows([old, other, other, { question: "no answer" }], { dataset: "Both" });
    expect(await opened.call("dataset.show", { dataset: "Both" })).toMatchObject({ members: 2 });
  });
});

describe("a dry run", () => {
  test("stores nothing, makes no file, and says what would happen", async () => {
    const known = fresh();
    await importRows([known]);
    const [before, files] = [await opened.call("pool.stats", {}), await readdir(opened.workspace.paths.imports)];
    const twice = fresh();
    const report = await importRows([known, twice, twice, { question: "no answer" }], { dryRun: true, dataset: "Dry" });
    expect(report).toMatchObject({ dryRun: true, read: 4, accepted: 1, duplicate: 2, rejected: 1 });
    expect(report.rejectedFile).toBeUndefined();
    expect(await opened.call("pool.stats", {})).toEqual(before);
    expect(await readdir(opened.workspace.paths.imports)).toEqual(files);
  });
});

describe("an import that is stopped", () => {
  test("ends at once, says how far it came, and the same import goes on from there", async () => {
    const text = jsonLines([{ question: "no answer" }, ...Array.from({ length: 3_000 }, () => fresh())]);
    const stop = new AbortController();
    const stopped = await opened.call(
      "example.import",
      { dataset: "Stopped", format: "prompt-response" },
      { body: bytesSource(text, 1 << 14), signal: stop.signal, progress: () => stop.abort() },
    );
    const { members } = await opened.call("dataset.show", { dataset: "Stopped" });
    expect(stopped).toMatchObject({ stopped: true, read: members + 1, accepted: members, rejected: 1 });
    expect(members).toBeGreaterThan(0);
    expect(members).toBeLessThan(3_000);
    const report = await importText(text, { dataset: "Stopped", format: "prompt-response" });
    expect(report).toMatchObject({ read: 3_001, accepted: 3_000 - members, duplicate: members, rejected: 1 });
    expect(await opened.call("dataset.show", { dataset: "Stopped" })).toMatchObject({ members: 3_000 });
  });

  test("by its source keeps what came before", async () => {
    const rows = jsonLines(Array.from({ length: 2_200 }, () => fresh()));
    const source: ByteSource = {
      ...bytesSource(rows),
      rewindable: false,
      async *open() {
        yield Buffer.from(rows.slice(0, rows.length / 2));
        await Promise.resolve();
        throw new Error("the line went dead");
      },
    };
    await expect(opened.call("example.import", { dataset: "Dead line" }, { body: source })).rejects.toThrow("the line went dead");
    const { members } = await opened.call("dataset.show", { dataset: "Dead line" });
    expect(await importText(rows)).toMatchObject({ duplicate: members, accepted: 2_200 - members });
  });
});

describe("rows that go beyond JSON", () => {
  test("are refused one by one, whether the file or a cell holds them", async () => {
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    const lines = [
      JSON.stringify(fresh()),
      `{"question":"deep?","answer":"yes, very","metadata":{"a":${deep}}}`,
      '{"question":"far?","answer":"yes, far","metadata":{"a":1e999}}',
      JSON.stringify(fresh()),
    ];
    expect(await importText(lines.join("\n"))).toMatchObject({ read: 4, accepted: 2, rejected: 2 });
    const table = `id,prompt,response,include_in_training,metadata\n1,Is it deep?,"Yes, very deep indeed.",true,"{""a"":${deep}}"\n2,Is it flat?,"Yes, flat as a table.",true,"{""a"":1}"\n`;
    const report = await importText(table, { format: "document-interaction" }, "deep.csv");
    expect(report).toMatchObject({ read: 2, accepted: 1, rejected: 1, layout: { name: "csv" } });
  });
});

test("a file of which no record can be read is reported with what is wrong, not as an unknown format", async () => {
  const report = await importText("{not json}\n{nor this}\n");
  expect(report).toMatchObject({ read: 2, rejected: 2, format: { name: "none" }, refusals: [{ reason: "unreadable", lines: [1, 2] }] });
});
