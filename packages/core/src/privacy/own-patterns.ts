import { TilthError } from "../errors.ts";
import type { Detector } from "./detector.ts";

/**
 * Detectors from a team's own patterns: tried on every text, certain of what they find.
 *
 * Nothing bounds the work of a foreign pattern; one that backtracks without end stops the import.
 *
 * @throws {@link TilthError} `input/invalid` for a pattern that does not compile.
 */
export function ownDetectors(patterns: Readonly<Record<string, string>>): readonly Detector[] {
  return Object.entries(patterns).map(([type, written]) => {
    const { source, flags } = parts(written) ?? { source: written, flags: "" };
    return { type, need: 0, base: 1, pattern: compile(source, `g${flags}`, `privacy patterns.${type}`) };
  });
}

/**
 * A test for values that may stay, or nothing where none may.
 *
 * @param allow - Exact values, or `/regex/` and `/regex/i` that must match a whole value.
 * @throws {@link TilthError} `input/invalid` for a pattern that does not compile.
 */
export function allowList(allow: readonly string[]): ((value: string) => boolean) | undefined {
  if (allow.length === 0) return undefined;
  const values = new Set<string>();
  const patterns: RegExp[] = [];
  for (const [index, entry] of allow.entries()) {
    const pattern = parts(entry);
    if (pattern === undefined) values.add(entry);
    else patterns.push(compile(`^(?:${pattern.source})$`, pattern.flags, `privacy allow[${index}]`));
  }
  return (value) => values.has(value) || patterns.some((pattern) => pattern.test(value));
}

function parts(written: string): { readonly source: string; readonly flags: string } | undefined {
  const [, source, flags = ""] = /^\/(.+)\/(i?)$/s.exec(written) ?? [];
  return source === undefined ? undefined : { source, flags };
}

function compile(source: string, flags: string, where: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new TilthError("input/invalid", { where, problem: `"${source}" is not a regular expression` }, { cause });
  }
}
