import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createWorkspace, openWorkspace } from "../../packages/core/src/workspace.ts";

// A process captures, now into the pool and now into the spool, since another one takes the pool away from time to time; it is killed at a
// random moment. The next opening must find everything that was acknowledged, once.

export interface CaptureRound {
  readonly acknowledged: number;
  /** What the spool held when it was killed. */
  readonly segments: number;
  readonly problems: readonly string[];
}

export interface CaptureDrill {
  /** Captures for so long, then kills; the workspace goes on from round to round. */
  round(afterMs: number): Promise<CaptureRound>;
  close(): Promise<void>;
}

/** Prepares a workspace for a drill. */
export async function openCaptureDrill(): Promise<CaptureDrill> {
  const root = await mkdtemp(join(tmpdir(), "tilth-capture-drill-"));
  await createWorkspace(root, { packs: [] });
  const log = join(root, "acknowledged");
  return {
    async round(afterMs) {
      const child = spawn(process.execPath, [fileURLToPath(new URL("capture-process.ts", import.meta.url)), root, log], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      const meddling = meddle(join(root, ".tilth", "pool.db"));
      await pause(afterMs);
      child.kill("SIGKILL");
      await once(child, "exit");
      await meddling.end();
      const spool = join(root, ".tilth", "spool");
      const segments = existsSync(spool) ? readdirSync(spool).filter((name) => name.endsWith(".spool")).length : 0;
      return { segments, ...(await look(root, log)) };
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** Takes the pool away for a moment, again and again. */
function meddle(pool: string): { end(): Promise<void> } {
  const stopping = new AbortController();
  const working = (async () => {
    while (!stopping.signal.aborted) {
      await pause(40);
      if (!existsSync(pool)) continue;
      const database = new DatabaseSync(pool, { timeout: 20 });
      try {
        database.exec("BEGIN IMMEDIATE");
        await pause(400);
        database.exec("ROLLBACK");
      } catch {
        // the process that captures has it just now
      } finally {
        database.close();
      }
    }
  })();
  return {
    async end() {
      stopping.abort();
      await working;
    },
  };
}

async function look(root: string, log: string): Promise<Omit<CaptureRound, "segments">> {
  const acknowledged = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : [];
  const problems: string[] = [];
  const workspace = await openWorkspace(root, { toolVersion: "0.0.0" });
  try {
    const { bad } = await (await workspace.capture()).left;
    if (bad > 0) problems.push(`${bad} frames of the spool were bad`);
    const storage = await workspace.storage();
    const { counters, facets, tags } = await storage.recount({ repair: false });
    if (counters.length + facets.length + tags.length > 0) problems.push("what is kept twice does not agree");
    const known = await storage.read(async ({ queries }) => {
      const examples = await queries.selectFrom("example").select(["id", "input_text", "created_by"]).execute();
      const members = await queries
        .selectFrom("member")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      const signals = await queries.selectFrom("signal").select("id").execute();
      if (Number(members.count) !== examples.length) problems.push(`${members.count} members of ${examples.length} examples`);
      const told = examples.filter((row) => row.input_text?.includes("ana@example.org") === true || row.created_by !== "key:drill");
      if (told.length > 0) problems.push(`${told.length} examples are not as they passed the door`);
      return new Set([...examples, ...signals].map(({ id }) => id));
    });
    const lost = acknowledged.filter((id) => !known.has(id));
    if (lost.length > 0) problems.push(`${lost.length} of ${acknowledged.length} acknowledged are lost, such as ${lost[0] ?? ""}`);
  } finally {
    await workspace.close();
  }
  const left = readdirSync(join(root, ".tilth", "spool")).filter((name) => name.endsWith(".spool"));
  if (left.length > 0) problems.push(`${left.length} segments are left behind`);
  return { acknowledged: acknowledged.length, problems };
}
