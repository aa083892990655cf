import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./house.ts";

/** An application's empty folder, with the packages in it as npm would have brought them. */
const folder = mkdtempSync(join(tmpdir(), "tilth-package-"));
const work = join(folder, "work");
const version = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8")).version;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { cwd: root, stdio: "inherit" });
  npm(root, ["pack", "--silent", "--workspaces", "--pack-destination", folder]);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const archives = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  npm(folder, ["install", "--prefer-offline", "--no-audit", "--no-fund", ...archives.map((name) => `./${name}`)]);
  mkdirSync(work);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["core", "server", "cli"])("packages/%s is published without a fault", async (name) => {
  const { messages, pkg } = await publint({ pkgDir: join(root, "packages", name), strict: true });
  expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
});

test("the installed packages hold what was built and no sources", () => {
  for (const name of ["@tilth/core", "@tilth/server", "tilth"]) {
    const files = readdirSync(join(folder, "node_modules", name), { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /\.test\.|^src\b/.test(file) || (file.endsWith(".ts") && !file.endsWith(".d.ts")))).toEqual([]);
    expect(files).toContain("LICENSE");
  }
});

test("a project that depends on @tilth/core gets its types", () => {
  writeFileSync(
    join(work, "use.ts"),
    [
      'import { TilthError } from "@tilth/core";',
      'import { createClient } from "@tilth/core/client";',
      'export const kind: string = new TilthError("input/invalid", { where: "a", problem: "b" }).kind;',
      'export const count = async (): Promise<number> => (await createClient({ url: "http://localhost" }).call("pool.stats", {})).examples;',
      "",
    ].join("\n"),
  );
  const args = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--types",
    "",
    join(work, "use.ts"),
  ];
  const result = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], { cwd: work, encoding: "utf8" });
  expect(result.stdout).toBe("");
});

test("tilth --version says its version and nothing else", () => {
  expect(tilth(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("tilth imports, commits and exports in an empty folder", () => {
  const rows = [
    { messages: [message("user", "When do I sow rye?"), message("assistant", "Late September, before the soil cools.")] },
    { messages: [message("user", "And barley?"), message("assistant", "In March, as soon as the field carries you.")] },
  ];
  writeFileSync(join(work, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  for (const args of [["init"], ["import", "rows.jsonl", "--dataset", "demo"], ["commit", "demo"]]) {
    expect(tilth(args), `tilth ${args.join(" ")}`).toMatchObject({ code: 0 });
  }
  expect(tilth(["export", "demo", "--format", "openai-chat", "--out", "out"])).toMatchObject({ code: 0 });
  const written = readdirSync(join(work, "out"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jsonl"));
  const lines = written.flatMap((name) =>
    readFileSync(join(work, "out", name), "utf8")
      .trimEnd()
      .split("\n"),
  );
  const texts = lines.filter((line) => line !== "").map((line) => JSON.parse(line).messages.at(-1).content);
  expect(texts.toSorted()).toEqual(rows.map((row) => row.messages.at(-1)?.content).toSorted());
});

test("kernels and the shipped embedder are in the package: what is alike is found, and told by meaning", () => {
  const found = tilth(["dedupe", "--dry-run", "--json"]);
  expect(found, found.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(found.stdout)).toMatchObject({ read: 2, dropped: 0, kernel: { engine: "wasm" } });
  const fresh = tilth(["check", "--text", "When do I sow wheat?", "--threshold", "0.1", "--json"]);
  expect(fresh, fresh.stderr).toMatchObject({ code: 0 });
  expect(fresh.stdout).toContain("static-v2");
});

test("tilth serve answers", async () => {
  const program = join(folder, "node_modules/tilth/bin/tilth.js");
  const server = spawn(process.execPath, [program, "serve", "--port", "0", "--json"], { cwd: work, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const told = await new Promise<string>((resolve) => server.stdout.once("data", (bytes: Buffer) => resolve(bytes.toString())));
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(told)?.[0] ?? "";
    const health = await fetch(`${address}/health`);
    expect({ status: health.status, told }).toMatchObject({ status: 200 });
  } finally {
    server.kill();
  }
});

function message(role: string, content: string): { readonly role: string; readonly content: string } {
  return { role, content };
}

function tilth(args: readonly string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const program = join(folder, "node_modules/tilth/bin/tilth.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: work, encoding: "utf8" });
  return { code: status, stdout, stderr };
}

/** The npm that started this test, or the one on the path. */
function npm(cwd: string, args: readonly string[]): void {
  const own = process.env["npm_execpath"];
  if (own?.endsWith(".js")) execFileSync(process.execPath, [own, ...args], { cwd, stdio: ["ignore", "ignore", "inherit"] });
  else execFileSync("npm", args, { cwd, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" });
}
