import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Journey } from "./tilth.ts";
import { startJourney } from "./tilth.ts";

/** A disk of its own takes rights that only the superuser of a Linux machine has, and not inside every container. */
const canMount = process.platform === "linux" && process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0;

describe.skipIf(!canMount)("a disk that fills up (skipped where no small disk can be mounted)", { timeout: 60_000 }, () => {
  let journey: Journey;
  let disk = "";
  beforeAll(async () => {
    journey = await startJourney();
    disk = join(journey.folder, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]);
    const rows = Array.from({ length: 6_000 }, (_, i) =>
      JSON.stringify({
        question: `What is ${i} and twice as much?`,
        answer: `It is ${i}, and ${2 * i}. ${"More is said here. ".repeat(20)}`,
      }),
    );
    writeFileSync(join(journey.folder, "rows.jsonl"), rows.join("\n"));
  });
  afterAll(async () => {
    execFileSync("umount", [disk]);
    await journey.end();
  });

  test("ends the import with one clear sentence", async () => {
    await journey.tilth("init", "-w", disk);
    const ended = await journey.tilth("import", "rows.jsonl", "-w", disk);
    expect(ended.code).toBe(5);
    expect(ended.err).toContain("storage/full");
    expect(ended.err.trim().split("\n")).toHaveLength(1);
  });

  test("leaves a pool that can be read, looked over and counted", async () => {
    const stats = await journey.tilth("stats", "-w", disk, "--json");
    expect(stats.code).toBe(0);
    expect(JSON.parse(stats.out)["examples"]).toBeGreaterThan(0);
    const doctor = await journey.tilth("doctor", "-w", disk);
    expect(doctor.out).toContain("counters");
    expect(doctor.err).toBe("");
  });

  test("goes on with the same command once there is room", async () => {
    execFileSync("mount", ["-o", "remount,size=100m", disk]);
    const report = await journey.json(0, "import", "rows.jsonl", "-w", disk);
    expect(Number(report["accepted"]) + Number(report["duplicate"])).toBe(6_000);
    expect(Number(report["duplicate"])).toBeGreaterThan(0);
  });
});
