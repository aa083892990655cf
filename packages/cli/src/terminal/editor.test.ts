import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { caught } from "../test-program.ts";
import { editedJson } from "./editor.ts";
import { processTerminal } from "./terminal.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tilth-editor-"));
});
afterAll(() => rm(folder, { recursive: true }));
const { EDITOR, VISUAL } = process.env;
afterEach(() => {
  for (const [name, value] of Object.entries({ EDITOR, VISUAL })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const terminal = processTerminal({ json: false, color: false, quiet: false });

/** An editor that runs a piece of JavaScript on the text of the file and notes where it lay. */
async function editor(change: string): Promise<string> {
  const script = join(folder, "editor.mjs");
  const noted = join(folder, "path.txt");
  await writeFile(
    script,
    `import { readFileSync, statSync, writeFileSync } from "node:fs";
     const path = process.argv.at(-1); let text = readFileSync(path, "utf8"); ${change}
     writeFileSync(path, text); writeFileSync(${JSON.stringify(noted)}, path + " " + (statSync(path).mode & 0o777));`,
  );
  delete process.env["VISUAL"];
  process.env["EDITOR"] = `"${process.execPath}" "${script}" --wait`;
  return noted;
}

test("hands on what was written, from a file that nobody else can read and that is gone afterwards", async () => {
  const noted = await editor(`text = text.replace("frost", "thaw");`);
  expect(await editedJson({ topic: "frost", n: 1 }, terminal, async (written) => written)).toEqual({ topic: "thaw", n: 1 });
  const [path = "", mode] = (await readFile(noted, "utf8")).split(" ");
  expect(existsSync(dirname(path))).toBe(false);
  if (process.platform !== "win32") expect(Number(mode)).toBe(0o600);
});

test("an unchanged file is no edit", async () => {
  await editor("");
  expect(await editedJson({ topic: "frost" }, terminal, () => Promise.reject(new Error("nobody asked")))).toBeUndefined();
});

test.each([
  ["is no JSON any more", `text = "{";`, "it is no JSON any more"],
  ["became a list", `text = "[]";`, "it is no JSON object any more"],
  ["made the editor fail", `process.exit(3);`, "ended with 3"],
])("what %s is kept, and its place told", async (_, change, told) => {
  await editor(change);
  const { result, err } = await caught(() =>
    editedJson({ topic: "frost" }, terminal, async () => 1).catch((error: Error) => error.message),
  );
  expect(result).toContain(told);
  const [, path = ""] = /kept in (.*)\n/.exec(err) ?? [];
  expect((await stat(path)).isFile()).toBe(true);
  await rm(dirname(path), { recursive: true });
});

test("what was written is kept as well when it is refused afterwards", async () => {
  await editor(`text = text.replace("frost", "thaw");`);
  const refusing = (): Promise<never> => Promise.reject(new Error("stale"));
  const { result, err } = await caught(() => editedJson({ topic: "frost" }, terminal, refusing).catch((error: Error) => error.message));
  expect(result).toBe("stale");
  const [, path = ""] = /kept in (.*)\n/.exec(err) ?? [];
  expect(await readFile(path, "utf8")).toContain("thaw");
  await rm(dirname(path), { recursive: true });
});
