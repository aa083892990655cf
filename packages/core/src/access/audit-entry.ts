import type { AuditEntry } from "../storage/audit-chain.ts";
import type { JsonObject } from "../schema/json.ts";

/** What an operation is to the audit: an export changes nothing here and takes much away. */
export type AuditKind = "change" | "read" | "export";

/** What a call was about: names and counts, never a secret and nothing that an example says. */
export interface AuditFacts {
  /** What it was done to, such as a dataset, an example, a user. */
  readonly object?: string;
  /** In the filter language. */
  readonly filter?: string;
  /** How many examples, rows or other things. */
  readonly count?: number;
  /** The name of what was made, where the object is another one. */
  readonly name?: string;
  /** The search, export or training run it belongs to. */
  readonly run?: string;
  /** The background job that did it, or will. */
  readonly job?: string;
  /** Nothing was changed: it was only asked what would be. */
  readonly dryRun?: true;
}

/** One call of an operation, as it becomes an entry. */
export interface AuditedCall extends AuditFacts {
  readonly atMs: number;
  readonly actor: string;
  readonly operation: string;
  /** The door: `cli`, `key`, `session` … */
  readonly via?: string;
  /** How it ended: the status of HTTP, or the code of the error. */
  readonly status: number | string;
}

/** What the audit needs to know of an operation. */
interface Audited {
  readonly readOnly: boolean;
  readonly scope: string;
  readonly changesWith?: { readonly members: readonly string[] };
}

/** Whoever may read may export; with some members of its input an export changes something as well. */
export function auditKindOf({ readOnly, scope, changesWith }: Audited, input?: unknown): AuditKind {
  if (readOnly) return "read";
  const given = membersOf(input);
  if (changesWith?.members.some((member) => given[member] !== undefined) === true) return "change";
  return scope === "training_data:read" ? "export" : "change";
}

/** True where calls of a kind leave an entry; changes always do. */
export function isAudited(kind: AuditKind, reads: "all" | "exports" | "off" = "all"): boolean {
  return kind === "change" || reads === "all" || (reads === "exports" && kind === "export");
}

/** Members of inputs that name what a call is about, the one that says most first. */
const naming = ["id", "version", "before", "dataset", "user", "key", "run", "job", "name", "type"] as const;

/** What an input says the call is about. */
export function auditFactsOf(input: unknown): AuditFacts {
  const members = membersOf(input);
  const named = naming.filter((member) => textOf(members[member]) !== undefined);
  const [first] = named;
  const { ids } = members;
  const object = first === undefined ? (Array.isArray(ids) && ids.length === 1 ? textOf(ids[0]) : undefined) : textOf(members[first]);
  const rest = (member: "name" | "run"): string | undefined => (first === member ? undefined : textOf(members[member]));
  const [filter, name, run] = [textOf(members["where"]), rest("name"), rest("run") ?? textOf(members["markUsed"])];
  return {
    ...(object === undefined ? {} : { object: withoutSecret(object) }),
    ...(filter === undefined ? {} : { filter }),
    ...(name === undefined ? {} : { name }),
    ...(run === undefined ? {} : { run }),
    ...(members["dryRun"] === true ? { dryRun: true } : {}),
  };
}

/** What an output adds: how many, and the run that was made. */
export function auditFactsOfOutput(output: unknown): Pick<AuditFacts, "count" | "run"> {
  const members = membersOf(output);
  const run = textOf(members["runId"]) ?? textOf(membersOf(members["run"])["id"]);
  return { ...countOf(members), ...(run === undefined ? {} : { run }) };
}

/** The entry of one call, as the chain keeps it. */
export function auditEntryOf({ atMs, actor, operation, object = "", ...facts }: AuditedCall): AuditEntry {
  const { status, via, filter, count, name, run, job, dryRun } = facts;
  const detail: JsonObject = {
    status,
    ...(via === undefined ? {} : { via }),
    ...(filter === undefined ? {} : { filter: short(filter) }),
    ...(count === undefined ? {} : { count }),
    ...(name === undefined ? {} : { name: short(name) }),
    ...(run === undefined ? {} : { run: short(run) }),
    ...(job === undefined ? {} : { job }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
  return { atMs, actor, action: operation, object: short(object), detail };
}

function countOf(members: Readonly<Record<string, unknown>>): Pick<AuditFacts, "count"> {
  for (const member of ["examples", "hits", "datasets", "versions", "changes"]) {
    const value = members[member];
    if (Array.isArray(value)) return { count: value.length };
  }
  for (const member of ["changed", "read", "rows"]) {
    const value = members[member];
    if (typeof value === "number") return { count: value };
  }
  return {};
}

/** Who means to revoke a key may name it by the whole of it: its beginning says which one it is. */
function withoutSecret(text: string): string {
  return text.replace(/^(tilth_[0-9a-z]+)_.*$/is, "$1");
}

const LONGEST = 2_000;

function short(text: string): string {
  return text.slice(0, LONGEST).toWellFormed();
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
