import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json, JsonObject } from "@tilth/core";
import { wrongCall } from "../options.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Lets a person edit a JSON object in their editor and hands on what they wrote.
 *
 * The file is this user's alone and goes away when `use` has taken it; when anything fails it stays, and its place is told.
 *
 * @returns Undefined where nothing was changed.
 */
export async function editedJson<T>(value: object, terminal: Terminal, use: (written: JsonObject) => Promise<T>): Promise<T | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-edit-"));
  const path = join(folder, "example.json");
  const before = `${JSON.stringify(value, undefined, 2)}\n`;
  await writeFile(path, before, { mode: 0o600 });
  try {
    await runEditor(path);
    const after = await readFile(path, "utf8");
    const result = after === before ? undefined : await use(await parsed(after));
    await rm(folder, { recursive: true });
    return result;
  } catch (error) {
    terminal.note(`What you wrote is kept in ${path}`);
    throw error;
  }
}

async function runEditor(path: string): Promise<void> {
  const editor = process.env["VISUAL"] ?? process.env["EDITOR"] ?? (process.platform === "win32" ? "notepad" : "vi");
  // Through the shell, since people set editors with arguments: `code --wait`.
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(`${editor} "${path}"`, { stdio: "inherit", shell: true });
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw await wrongCall("editor", `${editor} ended with ${code}; EDITOR names another one`);
}

async function parsed(text: string): Promise<JsonObject> {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw await wrongCall("example", `it is no JSON any more: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (value !== null && typeof value === "object" && !isList(value)) return value;
  throw await wrongCall("example", "it is no JSON object any more");
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
