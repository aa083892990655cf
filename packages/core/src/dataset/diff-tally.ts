import type { Kind } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { FieldChange } from "./diff-fields.ts";

/** How many examples went from one label to another; absent = had none. */
export interface Transition {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
  readonly examples: number;
}

export interface ChangedExample {
  readonly id: string;
  /** As it is afterwards. */
  readonly kind: Kind;
  readonly changes: readonly FieldChange[];
}

/** What one version has that another has not, or otherwise. */
export interface VersionDiff {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** In how many changed examples each field differs, most first. */
  readonly fields: readonly { readonly field: string; readonly examples: number }[];
  /** Most first, at most 200. */
  readonly transitions: readonly Transition[];
  /** Examples whose transition is not listed. */
  readonly otherTransitions: number;
  readonly examples: {
    readonly added: readonly Example[];
    readonly removed: readonly Example[];
    readonly changed: readonly ChangedExample[];
  };
}

/** What the windows add up to. */
export interface Tally {
  readonly limit: number;
  /** False where only some fields are compared. */
  readonly wantsAll: boolean;
  readonly isWanted: (field: string) => boolean;
  added: number;
  removed: number;
  changed: number;
  readonly fields: Map<string, number>;
  /** At most 10,000; the others are counted in `otherTransitions`. */
  readonly transitions: Map<string, Transition>;
  otherTransitions: number;
  readonly examples: { readonly added: Example[]; readonly removed: Example[]; readonly changed: ChangedExample[] };
}

/**
 * Nothing counted yet.
 *
 * @param isWanted - Tells fields that are compared from others; all are where it is absent.
 */
export function startTally(limit: number, isWanted?: (field: string) => boolean): Tally {
  return {
    limit,
    wantsAll: isWanted === undefined,
    isWanted: isWanted ?? (() => true),
    added: 0,
    removed: 0,
    changed: 0,
    fields: new Map(),
    transitions: new Map(),
    otherTransitions: 0,
    examples: { added: [], removed: [], changed: [] },
  };
}

const LISTED_TRANSITIONS = 200;

/** The sums, sorted. */
export function finishTally({ added, removed, changed, fields, transitions, otherTransitions, examples }: Tally): VersionDiff {
  const sorted = [...transitions.values()].sort((a, b) => b.examples - a.examples || (transitionKey(a) < transitionKey(b) ? -1 : 1));
  const left = sorted.slice(LISTED_TRANSITIONS).reduce((sum, transition) => sum + transition.examples, 0);
  return {
    added,
    removed,
    changed,
    fields: [...fields]
      .map(([field, count]) => ({ field, examples: count }))
      .sort((a, b) => b.examples - a.examples || (a.field < b.field ? -1 : 1)),
    transitions: sorted.slice(0, LISTED_TRANSITIONS),
    otherTransitions: otherTransitions + left,
    examples,
  };
}

const MOST_TRANSITIONS = 10_000;

/** Adds a transition, or only its examples where there are too many different ones. */
export function addTransition(tally: Tally, transition: Transition): void {
  const key = transitionKey(transition);
  const before = tally.transitions.get(key);
  if (before === undefined && tally.transitions.size >= MOST_TRANSITIONS) tally.otherTransitions += transition.examples;
  else tally.transitions.set(key, { ...transition, examples: transition.examples + (before?.examples ?? 0) });
}

/** Adds examples that differ in these fields. */
export function addChanged(tally: Tally, fields: readonly string[], examples: number): void {
  tally.changed += examples;
  for (const field of fields) tally.fields.set(field, (tally.fields.get(field) ?? 0) + examples);
}

/** Tells transitions apart; the two absent ends differ from every label. */
function transitionKey({ field, before, after }: Pick<Transition, "field" | "before" | "after">): string {
  return JSON.stringify([field, before ?? null, after ?? null]);
}
