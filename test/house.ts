import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Import, importsOf } from "./imports.ts";

/** Folder of the repository. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** A source file of one of the packages. */
export interface SourceFile {
  /** From the repository's folder, with forward slashes. */
  readonly path: string;
  readonly package: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Tests and the suites they share: they may reach further than the product. */
  readonly test: boolean;
}

/** Every TypeScript and JavaScript file under `packages/`, sorted by path. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(join(root, "packages")).flatMap((name) =>
    ["src", "bin"].flatMap((folder) => filesUnder(join(root, "packages", name, folder)).map((path) => readSource(path, name))),
  );
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function readSource(path: string, name: string): SourceFile {
  const text = readFileSync(path, "utf8");
  const test = /\.(test|arbitrary)\.tsx?$/.test(path) || /^(contract|test-[\w-]+)\.ts$/.test(basename(path));
  return { path: relative(root, path).split(sep).join("/"), package: name, text, imports: importsOf(text), test };
}

/** Where a relative import leads, from the repository's folder; nothing for packages and built-in modules. */
export function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  return specifier.startsWith(".") ? join(dirname(file.path), specifier).split(sep).join("/") : undefined;
}

/**
 * Reads the one list of rooms: the block fenced as `floors` in ARCHITECTURE.md, `NAME FLOOR DESCRIPTION` a line.
 *
 * @returns The floor of each room, by its name with a slash (`schema/`) or as a file (`errors.ts`).
 */
export function readFloors(): ReadonlyMap<string, number> {
  const [, block = ""] = /^```floors\n([^]*?)^```$/m.exec(readFileSync(join(root, "ARCHITECTURE.md"), "utf8")) ?? [];
  const lines = block.split("\n").filter((line) => line.trim() !== "" && !line.startsWith(" "));
  return new Map(lines.map((line) => [line.split(/\s+/)[0] ?? "", Number(line.split(/\s+/)[1])]));
}

/** The room of core a file belongs to, as the list names it; a test belongs to what it tests. */
export function roomOf(path: string): string | undefined {
  const [, inside] = /^packages\/core\/src\/(.*)$/.exec(path) ?? [];
  if (inside === undefined) return undefined;
  const [first = "", ...rest] = inside.split("/");
  return rest.length === 0 ? first.replace(/\.test\.ts$/, ".ts") : `${first}/`;
}
