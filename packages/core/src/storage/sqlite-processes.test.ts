import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { expectWhole } from "./contract.ts";
import { openSqlite } from "./sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-processes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);

/** Captures rows of its own and rows that the other one captures too, edits, uses and searches them; says what was acknowledged. */
const busyProcess = `
  import { openSqlite } from ${source("sqlite.ts")};
  import { exampleToRow } from ${source("../schema/row.ts")};
  import { identityOf } from ${source("../schema/identity.ts")};
  import { createUlids, systemClock, systemRandom } from ${source("../text/ulid.ts")};
  const [path, name, rounds] = process.argv.slice(1);
  const newId = createUlids(systemClock, systemRandom);
  const storage = await openSqlite(path);
  const at = new Date(0).toISOString();
  const hex = (bytes) => Buffer.from(bytes).toString("hex");
  const options = { actor: name, atMs: 0, rulesVersion: "1", op: "edit" };
  const say = (...words) => process.stdout.write(words.join(" ") + "\\n");
  const capture = async (text, id) => {
    const content = { kind: "text", text };
    const { contentHash, inputHash } = identityOf(content);
    const row = exampleToRow({ ...content, id, rev: 1, source: name, sourceKind: "manual", groupKey: id, domain: "general", tags: ["t"], weight: 1,
      quality: { tier: "gold", factors: {} }, reviewStatus: "pending", lifecycle: "active", includeInTraining: true, wasCorrected: false, validated: false,
      createdAt: at, updatedAt: at, createdBy: name, contentHash: hex(contentHash), inputHash: hex(inputHash), metadata: {} });
    const [captured] = await storage.capture([{ row, tags: ["t"], findings: [], scores: [], sourceIdIsIdentity: false }], options);
    return captured;
  };
  const caller = async (caller) => {
    for (let i = 0; i < Number(rounds); i++) {
      const id = newId();
      await capture("own " + id, id);
      say("captured", id);
      const shared = await capture("shared " + caller + "-" + i, newId());
      say("shared", shared.id, shared.status);
      const [changed] = await storage.change([{ id, set: { topic: "topic " + i } }], options);
      say("changed", id, changed.status, i);
      const used = await storage.markUsed([shared.id], { ...options, name: "run-" + (i % 3), kind: "run" });
      say("used", shared.id, used.marked);
      if (i % 10 === 0) {
        const { hits, pending } = await storage.search(id, { limit: 5, budgetMs: 60_000 });
        say("found", id, hits.length, pending);
      }
    }
  };
  await Promise.all([0, 1, 2, 3].map(caller));
  await storage.close();
`;

function runBusyProcess(
  path: string,
  name: string,
  rounds: number,
): Promise<{ readonly code: number | null; readonly said: readonly string[][] }> {
  return new Promise((resolve) => {
    const argv = ["--input-type=module", "-e", busyProcess, path, name, String(rounds)];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (piece: Buffer) => (said += piece.toString()));
    child.on("close", (code) =>
      resolve({
        code,
        said: said
          .trim()
          .split("\n")
          .map((line) => line.split(" ")),
      }),
    );
  });
}

test(
  "two processes that write, edit, use and search at once lose nothing, while a third copies the pool",
  { timeout: 120_000 },
  async () => {
    const path = join(folder, "pool.db");
    const storage = await openSqlite(path);
    const rounds = 60;
    const running = Promise.all([runBusyProcess(path, "one", rounds), runBusyProcess(path, "two", rounds)]);
    await expect.poll(() => storage.read(async ({ seq }) => seq), { timeout: 60_000 }).toBeGreaterThan(20);
    await storage.backup(join(folder, "copy.db"));
    const processes = await running;
    expect(processes.map(({ code }) => code)).toEqual([0, 0]);
    const said = processes.flatMap((one) => one.said);
    const heard = (what: string): readonly string[][] => said.filter(([first]) => first === what);

    const stored = await storage.read(({ queries }) => queries.selectFrom("example").select(["id", "topic"]).execute());
    const topics = new Map(stored.map(({ id, topic }) => [id, topic]));
    expect(heard("captured").map(([, id = ""]) => topics.has(id))).toEqual(Array.from({ length: 8 * rounds }, () => true));
    expect(heard("changed").filter(([, id = "", status, i]) => status !== "changed" || topics.get(id) !== `topic ${i}`)).toEqual([]);
    expect(heard("found").filter(([, , hits, pending]) => hits !== "1" && pending === "0")).toEqual([]);
    expect(heard("found")).toHaveLength(8 * Math.ceil(rounds / 10));
    // Each shared text is one example, accepted from one of the two and known to the other.
    expect(heard("shared").filter(([, , status]) => status === "accepted")).toHaveLength(4 * rounds);
    expect(heard("shared").filter(([, id = ""]) => !topics.has(id))).toEqual([]);
    expect(stored).toHaveLength(8 * rounds + 4 * rounds);
    expect(heard("used").filter(([, , marked]) => marked === "1")).toHaveLength(4 * rounds);

    expect((await storage.search("t shared", { limit: 1_000, budgetMs: 60_000 })).hits).toHaveLength(4 * rounds);
    expect(await storage.recount({ repair: false })).toMatchObject({ counters: [], facets: [], tags: [] });
    await expectWhole(storage);
    await storage.close();
    for (const file of ["pool.db", "copy.db"]) {
      const database = new DatabaseSync(join(folder, file), { readOnly: true });
      expect(database.prepare("PRAGMA integrity_check").all()).toMatchObject([{ integrity_check: "ok" }]);
      expect(database.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
      database.close();
    }
  },
);
