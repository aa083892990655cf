import { z } from "zod";
import { nearest } from "../text/nearest.ts";

/**
 * An object that knows all its keys: any other is refused with a message that names the nearest one, for files that people write by hand.
 *
 * @example
 * strictObject({ min_score: z.number() }).safeParse({ minscore: 1 }); // "unknown key minscore; the nearest is min_score"
 */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? unknownKeys(issue.keys, known) : undefined),
  });
}

/** What is wrong with a value and where, for the one who wrote it. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** Without the path, no full stop at the end. */
  readonly message: string;
}

/** The first problem of a refused value, unknown keys before all others: a mistyped key is also a missing one. Its path ends in the key. */
export function firstProblem(error: z.ZodError): Problem {
  const issue = error.issues.find(({ code }) => code === "unrecognized_keys") ?? error.issues[0];
  if (issue === undefined) return { path: [], message: "is not valid" };
  const unknown = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  return { path: [...issue.path, ...unknown], message: decapitalize(issue.message) };
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const [key = ""] = keys;
  const meant = nearest(key, known);
  const hint = meant === undefined ? `known are ${known.join(", ")}` : `the nearest is ${meant}`;
  return `unknown key ${key}; ${hint}`;
}

function decapitalize(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
