import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readManifest } from "./manifest.ts";
import { listVersions } from "./refs.ts";
import { openBench } from "./contract.ts";
import { verifyVersions } from "./verify.ts";

interface Acknowledged {
  readonly seq: number;
  readonly manifest: string;
}

test(
  "after SIGKILL in the middle of commits, every acknowledged version is there, once, and the store is sound",
  { timeout: 180_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "tilth-crash-"));
    const acknowledged: Acknowledged[] = [];
    try {
      for (let round = 0; round < 10; round++) acknowledged.push(...(await killAfter(folder, round, 1 + (round % 3))));
      const bench = await openBench(folder);
      try {
        const entries = await Array.fromAsync(listVersions(bench.objects, { dataset: "drill", branch: "main" }));
        const bySeq = new Map(entries.map((entry) => [entry.seq, entry.manifest]));
        expect(acknowledged.length).toBeGreaterThanOrEqual(10);
        expect(acknowledged.filter(({ seq, manifest }) => bySeq.get(seq) !== manifest)).toEqual([]);
        expect(new Set(acknowledged.map(({ seq }) => seq)).size).toBe(acknowledged.length);
        expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: entries.length }, (_, i) => entries.length - i));
        for (const entry of entries) expect((await readManifest(bench.objects, entry.manifest)).seq).toBe(entry.seq);
        expect((await verifyVersions({ objects: bench.objects, level: "deep", duck: bench.duck })).problems).toEqual([]);
      } finally {
        await bench.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** The process that is killed: adds an example, commits, says so, without end. */
const committing = `
  const { commitVersion } = await import(${JSON.stringify(new URL("./commit.ts", import.meta.url).href)});
  const { addExamples, openBench } = await import(${JSON.stringify(new URL("./contract.ts", import.meta.url).href)});
  const [folder, round] = process.argv.slice(1);
  const bench = await openBench(folder);
  for (let i = 0; ; i++) {
    await addExamples(bench.storage, [Number(round) * 10_000 + i]);
    const { entry, created } = await commitVersion({ ...bench.commit, dataset: "drill" });
    if (created) process.send({ seq: entry.seq, manifest: entry.manifest });
  }
`;

/** Starts a child that commits without end, kills it some time after its `count`th answer, and gives back what it acknowledged. */
async function killAfter(folder: string, round: number, count: number): Promise<readonly Acknowledged[]> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--conditions=tilth-source", "--input-type=module", "--eval", committing, folder, String(round)],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    },
  );
  const acknowledged: Acknowledged[] = [];
  await new Promise<void>((resolve, reject) => {
    child.on("message", (message: Acknowledged) => {
      acknowledged.push(message);
      // Anywhere in the next commit.
      if (acknowledged.length === count) setTimeout(() => child.kill("SIGKILL"), Math.random() * 40);
    });
    child.on("exit", (code, signal) => (signal === "SIGKILL" ? resolve() : reject(new Error(`the child ended by itself with ${code}`))));
  });
  return acknowledged;
}
