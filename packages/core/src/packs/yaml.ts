import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { TilthError } from "../errors.ts";
import { firstProblem } from "../schema/strict.ts";

/** Larger files are no configuration written by hand. */
const MAX_LENGTH = 1_000_000;
/** How often aliases may be resolved: enough to save typing, too few to blow a small file up. */
const MAX_ALIASES = 100;

/**
 * Reads YAML 1.2 that people wrote and passes it through a schema; an empty file is an empty object.
 *
 * @throws {@link TilthError} `code` with the path, the line and what is wrong there.
 */
export function parseYaml<T>(
  text: string,
  options: { readonly path: string; readonly schema: z.ZodType<T>; readonly code: "config/invalid" | "pack/invalid" },
): T {
  const { path, schema, code } = options;
  const refuse = (line: number, problem: string, cause?: unknown): never => {
    throw new TilthError(code, { path, line, problem: problem.replace(/\.$/, "") }, { cause });
  };
  if (text.length > MAX_LENGTH) refuse(1, `the file has ${text.length} characters, at most ${MAX_LENGTH} are read`);

  const lines = new LineCounter();
  const document = attempt(
    () => parseDocument(text, { lineCounter: lines, prettyErrors: false }),
    (cause) => refuse(1, "the file cannot be read as YAML", cause),
  );
  const [error] = document.errors;
  if (error !== undefined) refuse(lines.linePos(error.pos[0]).line, error.message, error);

  const value: unknown = attempt(
    () => document.toJS({ maxAliasCount: MAX_ALIASES }),
    (cause) => refuse(1, "the file has too many aliases", cause),
  );
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const problem = firstProblem(parsed.error);
  const where = problem.path.length === 0 || problem.message.startsWith("unknown key") ? "" : `${problem.path.map(String).join(".")}: `;
  return refuse(lines.linePos(offsetOf(document, problem.path)).line, `${where}${problem.message}`);
}

/** Deep nesting and alias bombs surface as errors of the parser. */
function attempt<T>(parse: () => T, otherwise: (cause: unknown) => T): T {
  try {
    return parse();
  } catch (cause) {
    return otherwise(cause);
  }
}

/** Where a key or an entry stands, as far as the path can be followed. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isScalar(node) || isMap(node) || isSeq(node)) offset = node.range?.[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
}
