import type { Kind } from "../schema/content.ts";
import type { Finding } from "../schema/finding.ts";

/** What decides whether examples contradict each other. */
export interface AnsweredExample {
  readonly id: string;
  readonly kind: Kind;
  /** Both as hex or any other text: only equality counts. */
  readonly inputHash: string;
  readonly contentHash: string;
  readonly parentId?: string;
}

/** Examples of one kind with one input that say different things. */
export interface Conflict {
  readonly rule: "conflicting-label" | "conflicting-answer";
  readonly severity: Finding["severity"];
  readonly inputHash: string;
  /** Sorted; each contradicts at least one of the others. */
  readonly ids: readonly string[];
}

/**
 * Finds examples that answer one input differently, and are not each other's correction. Linear in the examples.
 *
 * Conflicts are reported and never dropped: which answer is right is for people to say.
 */
export function findConflicts(examples: Iterable<AnsweredExample>): readonly Conflict[] {
  const groups = new Map<string, AnsweredExample[]>();
  for (const example of examples) {
    const key = `${example.kind} ${example.inputHash}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [example]);
    else known.push(example);
  }
  return [...groups.values()].flatMap((group) => conflictIn(group) ?? []);
}

function conflictIn(group: readonly AnsweredExample[]): Conflict | undefined {
  const [first] = group;
  if (first === undefined || group.length === 1) return undefined;
  const ids = contradicting(group).toSorted();
  if (ids.length === 0) return undefined;
  const { kind, inputHash } = first;
  return kind === "classification"
    ? { rule: "conflicting-label", severity: "warning", inputHash, ids }
    : { rule: "conflicting-answer", severity: "info", inputHash, ids };
}

/** Counted instead of compared pair by pair: one prompt may have thousands of answers. */
function contradicting(group: readonly AnsweredExample[]): string[] {
  const byId = new Map(group.map((example) => [example.id, example]));
  const sameContent = new Map<string, number>();
  const linked = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { id, contentHash, parentId } of group) {
    count(sameContent, contentHash);
    const parent = parentId === undefined ? undefined : byId.get(parentId);
    if (parent === undefined || parent.contentHash === contentHash) continue;
    // Two that name each other are one pair.
    if (parent.parentId === id && parent.id < id) continue;
    count(linked, id);
    count(linked, parent.id);
  }
  return group
    .filter(({ id, contentHash }) => group.length - (sameContent.get(contentHash) ?? 0) > (linked.get(id) ?? 0))
    .map(({ id }) => id);
}
