import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";

const value = (specifier: string) => ({ specifier, value: true });
const type = (specifier: string) => ({ specifier, value: false });

test.each([
  ['import { a, type B } from "./a.ts";', [value("./a.ts")]],
  ['import type { A } from "./a.ts";', [type("./a.ts")]],
  ['import type from "./a.ts";', [value("./a.ts")]],
  ['import type, { b } from "./a.ts";', [value("./a.ts")]],
  ["import './a.ts'", [value("./a.ts")]],
  ['import * as a from "./a.ts"; import b from "b";', [value("./a.ts"), value("b")]],
  ['export { a } from "./a.ts";', [value("./a.ts")]],
  ['export type { A } from "./a.ts";', [type("./a.ts")]],
  ['export * from "./a.ts";', [value("./a.ts")]],
  ['import {\n  a, // from "./wrong.ts"\n  b,\n} from "./a.ts";', [value("./a.ts")]],
  ['const a = await import("./a.ts");', [value("./a.ts")]],
  ['type A = import("./a.ts").A;', [value("./a.ts")]],
])("sees what %j imports", (source, expected) => {
  expect(importsOf(source)).toEqual(expected);
});

test.each([
  ['// import "./a.ts"'],
  ['/* import { a } from "./a.ts" */'],
  ["const text = 'import \"./a.ts\"';"],
  ['const text = `import "./a.ts" ${`${"export * from"} "./b.ts"`} import "./c.ts"`;'],
  ["const quote = /[\"']/; const text = 'import \"./a.ts\"';"],
  ["const half = a / 2; const text = \"import './a.ts'\"; const other = b / 3;"],
  ['export const from = "./a.ts"; export const list = ["./b.ts"];'],
  ['throw new Error(`import ${name} from "./a.ts"`);'],
  ['thing.import("./a.ts");'],
])("sees no import in %j", (source) => {
  expect(importsOf(source)).toEqual([]);
});

test("goes on reading after a template literal with nested braces", () => {
  expect(importsOf('const a = `${{ b: `}` }["b"]}`;\nimport c from "./c.ts";')).toEqual([value("./c.ts")]);
});
