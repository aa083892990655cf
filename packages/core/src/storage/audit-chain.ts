import { createHash } from "node:crypto";
import type { JsonObject } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";

/** One line of the audit: who did what to what, never a secret and no content of an example. */
export interface AuditEntry {
  readonly atMs: number;
  /** `user:ana`, `key:ci`, or the address of somebody unknown. */
  readonly actor: string;
  /** An operation's name, or `session.…`. */
  readonly action: string;
  /** What it was done to, such as a dataset's id; empty where it was the workspace as a whole. */
  readonly object: string;
  /** Filter, count, status and the like. `segments` is the chain's own member. */
  readonly detail: JsonObject;
}

/** What an entry's hash covers beside the hash before it: its columns, the detail as canonical JSON. */
export interface ChainedEntry {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: string;
  readonly segment: string;
}

/** What stands before the first entry of a segment. */
export const chainStart: Uint8Array = new Uint8Array(32);

/** SHA-256 over the hash before and the canonical JSON of the entry. `detail` goes in as it is stored: any other spelling of it is a change. */
export function hashEntry(previous: Uint8Array, { at, actor, action, object, detail, segment }: ChainedEntry): Uint8Array {
  const [head, tail] = [canonicalJson({ action, actor, at }), canonicalJson({ object, segment })];
  return createHash("sha256")
    .update(previous)
    .update(`${head.slice(0, -1)},"detail":${detail},${tail.slice(1)}`)
    .digest();
}
