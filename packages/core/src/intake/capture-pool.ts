import { isTilthError } from "../errors.ts";
import { rulesVersion } from "../rules/run.ts";
import { knownIds } from "../storage/known-ids.ts";
import type { NewRow, Storage } from "../storage/storage.ts";
import type { Entry } from "./capture-entry.ts";

/** What became of an entry; where the pool refuses one, why. */
export type Fate = "accepted" | "duplicate" | { readonly code: string; readonly message: string };

/**
 * Writes entries to the pool; all of a call are sent at once and share a commit. An entry that the pool refuses costs no other one.
 *
 * @returns One fate for each entry, in order.
 * @throws {@link TilthError} `storage/busy`, `storage/full` … where it is not the entry's fault; what was not stored may be sent again.
 */
export async function writeToPool(storage: Storage, entries: readonly Entry[]): Promise<readonly Fate[]> {
  const fates = entries.map((): Fate => "accepted");
  await all(groupsOf(entries).map((group) => writeGroup(storage, group, fates)));
  return fates;
}

/**
 * Writes entries that were acknowledged before: one whose dataset is gone by now is no reason to lose it, so it comes in without.
 *
 * @throws {@link TilthError} as {@link writeToPool}.
 */
export async function writeAcknowledged(storage: Storage, entries: readonly Entry[]): Promise<readonly Fate[]> {
  const fates = [...(await writeToPool(storage, entries))];
  const orphans = [...fates.entries()].flatMap(([at, fate]) => {
    const entry = entries[at];
    if (entry?.kind !== "example" || typeof fate !== "object" || fate.code !== "dataset/not-found") return [];
    const { dataset: _, ...orphan } = entry;
    return [{ at, orphan }];
  });
  if (orphans.length === 0) return fates;
  const found = await writeToPool(
    storage,
    orphans.map(({ orphan }) => orphan),
  );
  for (const [i, { at }] of orphans.entries()) fates[at] = found[i] ?? "accepted";
  return fates;
}

/** Waits for every one, so that none goes on behind the back of a caller who was told of a failure. */
async function all(writes: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(writes)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

interface Group {
  readonly kind: Entry["kind"];
  readonly dataset: string | undefined;
  readonly isLimited: boolean;
  readonly actor: string;
  readonly members: { readonly at: number; readonly entry: Entry }[];
}

/** Entries that one call of the pool takes: of one kind, one dataset, one sender; in the order they came. */
function groupsOf(entries: readonly Entry[]): readonly Group[] {
  const groups = new Map<string, Group>();
  let last: Group | undefined;
  for (const [at, entry] of entries.entries()) {
    const { kind, actor } = entry;
    const dataset = entry.kind === "example" ? entry.dataset : undefined;
    const isLimited = entry.kind === "example" && entry.isLimited === true;
    if (last?.kind !== kind || last.dataset !== dataset || last.actor !== actor || last.isLimited !== isLimited) {
      const key = `${kind} ${dataset ?? ""} ${isLimited} ${actor}`;
      last = groups.get(key) ?? { kind, dataset, isLimited, actor, members: [] };
      groups.set(key, last);
    }
    last.members.push({ at, entry });
  }
  return [...groups.values()];
}

async function writeGroup(storage: Storage, group: Group, fates: Fate[]): Promise<void> {
  try {
    await (group.kind === "signal" ? writeSignals(storage, group, fates) : writeExamples(storage, group, fates));
  } catch (error) {
    if (!isTilthError(error) || !isOfOne.has(error.code)) throw error;
    const [first] = group.members;
    if (group.members.length > 1) {
      // One of them is to blame: each goes alone.
      await all(group.members.map((member) => writeGroup(storage, { ...group, members: [member] }, fates)));
    } else if (first !== undefined) fates[first.at] = { code: error.code, message: messages[error.code] ?? "it cannot be stored" };
  }
}

const messages: Readonly<Record<string, string>> = {
  "storage/refused": "it breaks a rule of the pool",
  "storage/failed": "it cannot be stored",
  "dataset/not-found": "there is no such dataset any more",
};
const isOfOne: ReadonlySet<string> = new Set(Object.keys(messages));

async function writeSignals(storage: Storage, { members }: Group, fates: Fate[]): Promise<void> {
  const signals = members.flatMap(({ entry }) => (entry.kind === "signal" ? [entry.signal] : []));
  const added = await storage.addSignals(signals);
  // Which of them were there is of no account to anybody, only how many.
  for (const { at } of members.slice(added)) fates[at] = "duplicate";
}

async function writeExamples(storage: Storage, { dataset, isLimited, actor, members }: Group, fates: Fate[]): Promise<void> {
  const rows: NewRow[] = [];
  let atMs = 0;
  for (const { entry } of members) {
    if (entry.kind === "example") rows.push(entry.row);
    atMs = Math.max(atMs, entry.atMs);
  }
  const captured = await storage.capture(rows, {
    actor,
    atMs,
    rulesVersion,
    ...(dataset === undefined ? {} : { datasetId: dataset }),
    ...(isLimited ? { withinDatasets: dataset === undefined ? [] : [dataset] } : {}),
  });
  for (const [index, { at }] of members.entries()) if (captured[index]?.status === "duplicate") fates[at] = "duplicate";
}

/** The entries whose ids the pool knows. */
export async function knownIn(storage: Storage, entries: readonly Entry[]): Promise<ReadonlySet<Entry>> {
  const ids = (kind: Entry["kind"]): string[] => entries.flatMap((entry) => (entry.kind === kind ? [entry.id] : []));
  const known = await knownIds(storage, { examples: ids("example"), signals: ids("signal") });
  return new Set(entries.filter(({ kind, id }) => (kind === "signal" ? known.signals : known.examples).has(id)));
}
