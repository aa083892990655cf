import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { errorsPage } from "../scripts/docs.mjs";
import { type SourceFile, readFloors, root, roomOf, sourceFiles, targetOf } from "./house.ts";

const files = sourceFiles();
const product = files.filter((file) => !file.test);
const floors = readFloors();

describe("rooms", () => {
  test("ARCHITECTURE.md lists every room with its floor", () => {
    expect(floors.size).toBeGreaterThan(20);
    expect([...floors].filter(([, floor]) => !Number.isInteger(floor))).toEqual([]);
    const rooms = new Set(files.map((file) => roomOf(file.path)).filter((room) => room !== undefined));
    expect([...rooms].filter((room) => !floors.has(room))).toEqual([]);
  });

  test("a room imports lower floors only, types included", () => {
    const upward = product.flatMap((file) =>
      file.imports.flatMap((item) => {
        const from = roomOf(file.path);
        const to = roomOf(targetOf(file, item) ?? "");
        if (from === undefined || to === undefined || from === to) return [];
        const [own = 0, other = Infinity] = [floors.get(from), floors.get(to)];
        return other < own ? [] : [`${file.path} (floor ${own}) imports ${to} (floor ${other})`];
      }),
    );
    expect(upward).toEqual([]);
  });

  test("no import runs in a circle, types included", () => {
    expect(circles(product)).toEqual([]);
  });

  test("the product never imports a test", () => {
    const tests = new Set(files.filter((file) => file.test).map((file) => file.path));
    const wrong = product.filter((file) => file.imports.some((item) => tests.has(targetOf(file, item) ?? "")));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });
});

describe("packages", () => {
  test("nobody reaches past the face of another package", () => {
    const inside = files.flatMap((file) =>
      file.imports
        .filter((item) => {
          const target = targetOf(file, item);
          const leaves = target !== undefined && !target.startsWith(`packages/${file.package}/`);
          return leaves || (/^@tilth\/[^/]+\//.test(item.specifier) && !isFace(item.specifier));
        })
        .map((item) => `${file.path} imports ${item.specifier}`),
    );
    expect(inside).toEqual([]);
  });

  test("every imported package stands in package.json, and built-in modules say node:", () => {
    const wrong = files.flatMap((file) => {
      const allowed = dependenciesOf(file);
      return file.imports
        .map((item) => item.specifier)
        .filter((specifier) => !/^(\.|node:)/.test(specifier))
        .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
        .filter((name) => !allowed.has(name) || builtinModules.includes(name))
        .map((name) => `${file.path} imports ${name}`);
    });
    expect(wrong).toEqual([]);
  });
});

test("the client loads no code of the operations: only itself and the table of errors", () => {
  const loaded = new Set(["packages/core/src/client/index.ts"]);
  for (const path of loaded)
    for (const item of product.find((file) => file.path === path)?.imports ?? [])
      if (item.value) loaded.add(targetOf({ path } as SourceFile, item) ?? item.specifier);
  expect([...loaded].filter((path) => !path.startsWith("packages/core/src/client/"))).toEqual(["packages/core/src/errors.ts"]);
});

describe("lists", () => {
  const lists = product.filter((file) => basename(file.path) === "list.ts");

  test("a list lies directly in its room", () => {
    expect(lists.map((file) => file.path).filter((path) => !/^packages\/[^/]+\/src\/[^/]+\/list\.ts$/.test(path))).toEqual([]);
  });

  test.each(lists.map((file) => [file.path, file] as const))("%s holds everything its room offers", async (_, list) => {
    const imported = list.imports.filter((item) => item.value && item.specifier.startsWith("./")).map((item) => item.specifier.slice(2));
    const listed = namesOf(await valuesOf(list.path)).map((name) => imported.find((file) => isFileOf(name, file)) ?? name);
    expect(listed.toSorted(), "its one exported array names each file that it imports").toEqual(imported.toSorted());

    const folder = dirname(list.path);
    const untested = listed.filter((name) => !existsSync(join(root, folder, name.replace(/\.ts$/, ".test.ts"))));
    expect(untested, "each has its test beside it").toEqual([]);

    const neighbours = product.filter((file) => dirname(file.path) === folder && file.path !== list.path);
    const offered = await Promise.all(neighbours.map(async (file) => ((await offersItself(file)) ? [basename(file.path)] : [])));
    expect(offered.flat().toSorted(), "each file that exports an object of its own name is listed").toEqual(listed.toSorted());
  });
});

describe("texts", () => {
  test("docs/errors.md is what `npm run docs` writes", () => {
    const page = join(root, "docs/errors.md");
    expect(existsSync(page) ? readFileSync(page, "utf8") : "").toBe(errorsPage());
  });

  test("a file above 400 lines begins with a comment that says why it is so long", () => {
    const long = files.filter((file) => file.text.split("\n").length > 401);
    const silent = long.filter(
      (file) => !/^(?:#!.*\n)?\s*(?:\/\*(?:(?!\*\/)[^])*?(?:\blong|\blines)|(?:\/\/.*\n)*\/\/.*(?:\blong|\blines))/.test(file.text),
    );
    expect(silent.map((file) => file.path)).toEqual([]);
  });
});

/** Depth-first over the imports; each circle is told once, from where it was entered. */
function circles(sources: readonly SourceFile[]): string[] {
  const targets = new Map(sources.map((file) => [file.path, file.imports.flatMap((item) => targetOf(file, item) ?? [])]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    if (trail.includes(path) || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return found;
}

/** A package may have further faces, which its `exports` name: `@tilth/core/client`. */
function isFace(specifier: string): boolean {
  const [, name = "", face = ""] = /^@tilth\/([^/]+)\/(.*)$/.exec(specifier) ?? [];
  return Object.hasOwn(readPackage(`packages/${name}/package.json`).exports ?? {}, `./${face}`);
}

function dependenciesOf(file: SourceFile): Set<string> {
  const { name, ...own } = readPackage(`packages/${file.package}/package.json`);
  const shared = file.test ? readPackage("package.json").devDependencies : {};
  return new Set([name, ...Object.keys({ ...own.dependencies, ...own.optionalDependencies, ...own.peerDependencies, ...shared })]);
}

interface Package {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

function readPackage(path: string): Package {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

async function valuesOf(path: string): Promise<readonly unknown[]> {
  const loaded: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(root, path)).href);
  return Object.values(loaded);
}

/** The names in the only array that a list exports. */
function namesOf(values: readonly unknown[]): string[] {
  const arrays = values.filter((value) => Array.isArray(value));
  expect(arrays, "a list exports one array").toHaveLength(1);
  return arrays.flat().map((entry: { readonly name: string }) => entry.name);
}

/** `version.create` lives in `version-create.ts`; what is called `list` cannot live in `list.ts` and adds a word: `list-examples.ts`. */
function isFileOf(name: string, file: string): boolean {
  return name === "list" ? file.startsWith("list-") : file === `${name.replaceAll(".", "-")}.ts`;
}

async function offersItself(file: SourceFile): Promise<boolean> {
  const values = await valuesOf(file.path);
  return values.some(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      "name" in value &&
      typeof value.name === "string" &&
      isFileOf(value.name, basename(file.path)),
  );
}
