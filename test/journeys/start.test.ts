import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { program } from "./tilth.ts";
import { runScript, startServing } from "./serving.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-start-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("npm start", { timeout: 120_000 }, () => {
  test.each([
    ["SIGTERM", [0]],
    ["SIGINT", [0, 130]],
  ] as const)("walks, serves the result at the address it prints, and ends in order at %s", async (signal, codes) => {
    const serving = await startServing([runScript, "start", "--out", join(folder, signal), "--port", "0"]);
    expect(serving.said()).toContain("The whole way in");
    expect((await fetch(`${serving.address}/health`)).status).toBe(200);
    const stats = await (await fetch(`${serving.address}/api/training-data/stats`)).json();
    expect(stats).toMatchObject({ imports: 6, datasets: expect.arrayContaining([expect.objectContaining({ name: "roofing" })]) });
    const home = await fetch(serving.address);
    expect([home.status, (await home.text()).includes("roofing")]).toEqual([200, true]);
    const again = spawnSync(process.execPath, [runScript, "start", "--out", join(folder, signal), "--once"], { encoding: "utf8" });
    expect([again.status, again.stderr]).toEqual([4, expect.stringContaining("is in use")]);
    expect((await fetch(`${serving.address}/api/training-data/stats`)).status).toBe(200);
    expect(serving.signInLink).toMatch(/\/sign-in#\S{20,}$/);
    expect(codes).toContain(await serving.stop(signal));
    expect(serving.said()).toContain("Stopped. All that was acknowledged is stored.");
  });

  test.skipIf(process.platform === "win32")(
    "ends in order where npm is ended, which takes the shell along and says nothing (not on Windows)",
    async () => {
      const out = join(folder, "npm");
      const shell = spawn("sh", ["-c", `"${process.execPath}" "${runScript}" start --out "${out}" --port 0; true`], {
        env: { ...process.env, NO_COLOR: "1", npm_lifecycle_event: "start" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
      await expect.poll(() => said, { timeout: 60_000 }).toContain("Ctrl-C stops it");
      shell.kill("SIGKILL");
      await expect.poll(() => said, { timeout: 60_000 }).toContain("Stopped. All that was acknowledged is stored.");
      const address = /listens on (http:\S+)/.exec(said)?.[1] ?? "";
      await expect(fetch(`${address}/health`)).rejects.toThrow("fetch failed");
    },
  );

  test("with --once it ends after the walk", () => {
    const ended = spawnSync(process.execPath, [runScript, "start", "--out", join(folder, "once"), "--once"], { encoding: "utf8" });
    expect([ended.status, ended.stdout.includes("The whole way in"), ended.stdout.includes("listens")]).toEqual([0, true, false]);
  });
});

describe("a taken port", { timeout: 120_000 }, () => {
  test("is passed over for the next one, and said so", async () => {
    const other = createServer();
    // Where somebody else has it already, so much the better.
    await new Promise<void>((resolve) => other.once("error", () => resolve()).listen(7420, "127.0.0.1", resolve));
    try {
      const workspace = join(folder, "taken");
      spawnSync(process.execPath, [program, "init", "-w", workspace]);
      const serving = await startServing([program, "serve", "-w", workspace]);
      expect(Number(new URL(serving.address).port)).toBeGreaterThan(7420);
      expect(serving.said()).toContain("Port 7420 is taken by another program: this is 74");
      expect((await fetch(`${serving.address}/ready`)).status).toBe(200);
      expect(await serving.stop()).toBe(0);
    } finally {
      other.close();
    }
  });

  test("that was asked for by its number is refused instead", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, "127.0.0.1", () => {
        const address = other.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      }),
    );
    try {
      const workspace = join(folder, "asked");
      spawnSync(process.execPath, [program, "init", "-w", workspace]);
      await expect(startServing([program, "serve", "-w", workspace, "--port", String(port)])).rejects.toThrow("another program");
    } finally {
      other.close();
    }
  });
});
