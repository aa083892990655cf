import { hash } from "node:crypto";
import { TilthError } from "@tilth/core";

/**
 * Names the state of an answer: its revision where it has one, and its bytes.
 *
 * `"7.9f86d081884c7d65"` is revision 7; a change of anything else in the answer changes what follows the dot alone.
 */
export function entityTag(output: unknown, text: string): string {
  const rev = revisionOf(output);
  const digest = hash("sha256", text, "hex").slice(0, 16);
  return rev === undefined ? `"${digest}"` : `"${rev}.${digest}"`;
}

/** The revision of what an answer shows, if it has one. */
export function revisionOf(output: unknown): number | undefined {
  if (typeof output !== "object" || output === null) return undefined;
  if ("rev" in output && typeof output.rev === "number") return output.rev;
  return "example" in output ? revisionOf(output.example) : undefined;
}

/** True where a cached answer with one of these tags is still the right one. */
export function isFresh(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return tagsOf(ifNoneMatch).some((given) => given === "*" || given.replace(/^W\//, "") === tag);
}

/**
 * Holds a change to the state it was made for. Tags with a revision are compared by it, others as a whole.
 *
 * @returns The revision the change is for; nothing where anything will do.
 * @throws {@link TilthError} `request/stale`, with both values.
 */
export function requireMatch(ifMatch: string, current: { readonly tag: string; readonly path: string }): number | undefined {
  const given = tagsOf(ifMatch);
  if (given.includes("*")) return undefined;
  const rev = revisionIn(current.tag);
  const matches = given.some((tag) => tag === current.tag || (rev !== undefined && revisionIn(tag) === rev));
  if (matches) return rev;
  const names = given.map((tag) => revisionIn(tag) ?? tag).join(", ");
  throw new TilthError("request/stale", { path: current.path, current: rev ?? current.tag, given: names });
}

/** The one revision that If-Match names, of something that has revisions. */
export function onlyRevision(ifMatch: string, current: string): number | undefined {
  const [tag, ...others] = tagsOf(ifMatch);
  return tag === undefined || others.length > 0 || revisionIn(current) === undefined ? undefined : revisionIn(tag);
}

function tagsOf(header: string): readonly string[] {
  return [...header.matchAll(/\*|(?:W\/)?"[^"]*"/g)].map(([tag]) => tag);
}

/** Weak tags name no revision: a change needs a strong one. */
function revisionIn(tag: string): number | undefined {
  const [, digits] = /^"(\d{1,15})(?:\.[0-9a-f]+)?"$/.exec(tag) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
