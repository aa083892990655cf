import { z } from "zod";
import type { Redactor } from "../privacy/redactor.ts";
import { sourceKindOf } from "../quality/enrich.ts";
import type { CaptureEvent } from "../schema/event.ts";
import type { Kind } from "../schema/content.ts";
import type { NewExample, SourceKind } from "../schema/example.ts";
import type { Pack } from "../schema/pack.ts";
import type { Finding } from "../schema/finding.ts";
import type { Json } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { readEvent } from "../schema/event.ts";
import type { Signal } from "../schema/signal.ts";
import type { NewRow } from "../storage/storage.ts";
import type { Door } from "./door.ts";
import { passSignal } from "./signal-door.ts";

/** An event behind the door: redacted, checked and hashed, ready for the pool. */
export type Entry = EntryBase & (ExampleEntry | { readonly kind: "signal"; readonly signal: Signal });

interface EntryBase {
  /** The idempotency key; examples and signals have their own. */
  readonly id: string;
  /** Who sent it. */
  readonly actor: string;
  readonly atMs: number;
}

interface ExampleEntry {
  readonly kind: "example";
  readonly row: NewRow;
  /** What the spool keeps of it. */
  readonly said: NewExample;
  readonly mended: readonly Mended[];
  /** A dataset's id. */
  readonly dataset?: string;
  /** Its sender reaches some datasets only: a known record outside of this one is none of theirs. */
  readonly isLimited?: true;
}

/** What had to be mended before it was first kept, as the door takes remarks. */
export type Mended = Pick<Finding, "rule" | "message" | "at">;

/** An entry, or why an event is not let in. */
export type Entered = { readonly entry: Entry } | { readonly code: string; readonly message: string };

/** What events pass. */
export interface EntryDoor {
  readonly door: Door;
  readonly redactor: Redactor;
  readonly pack: Pack;
  readonly newId: () => string;
}

/** What is known of an event beside what it says. */
export interface EntryFacts {
  readonly actor: string;
  readonly atMs: number;
  /** The id of the dataset that it names. */
  readonly dataset?: string;
  /** Its sender reaches some datasets only. */
  readonly isLimited?: true;
  /** Where it passed the door before. */
  readonly mended?: readonly Mended[];
}

/** Takes an event through its door. */
export function enter(
  event: CaptureEvent,
  { door, redactor, pack, newId }: EntryDoor,
  { actor, atMs, dataset, isLimited, mended: before = [] }: EntryFacts,
): Entered {
  if (event.kind === "signal") {
    const passage = passSignal(event.signal, redactor);
    if ("refused" in passage) return { code: passage.refused, message: passage.message };
    return { entry: { kind: "signal", id: passage.signal.id, signal: passage.signal, actor, atMs } };
  }
  const example = identified(event.example, { newId, atMs, pack });
  // What names its record names it for good: a wrapper that sees the same answer twice makes one example of it.
  const passage = door(example, { actor, sourceIdIsIdentity: example.sourceId !== undefined, remarks: before });
  if ("refused" in passage) return { code: passage.refused, message: passage.message };
  const { row, said, mended } = passage;
  const place = { ...(dataset === undefined ? {} : { dataset }), ...(isLimited === undefined ? {} : { isLimited }) };
  return { entry: { kind: "example", id: example.id, row, said, mended, actor, atMs, ...place } };
}

/** With what it needs so that it means the same whenever it is let in. */
function identified(
  example: NewExample,
  { newId, atMs, pack }: Pick<EntryDoor, "newId" | "pack"> & { readonly atMs: number },
): NewExample & { readonly id: string } {
  const { id, source, sourceKind, createdAt } = example;
  const kind = sourceKind ?? kindOf(example.kind, source, pack);
  if (hasId(example) && source !== undefined && createdAt !== undefined && sourceKind === kind) return example;
  return {
    ...example,
    id: id ?? newId(),
    source: source ?? "capture",
    createdAt: createdAt ?? new Date(atMs).toISOString(),
    ...(kind === undefined ? {} : { sourceKind: kind }),
  };
}

function hasId(example: NewExample): example is NewExample & { readonly id: string } {
  return example.id !== undefined;
}

/** What is captured is no import: where nobody knows its source's word, what it is says where it is from. */
function kindOf(kind: Kind, source: string | undefined, pack: Pack): SourceKind | undefined {
  const told = sourceKindOf(source, pack);
  return told === "import" ? captured[kind] : told;
}

const captured: { readonly [K in Kind]?: SourceKind } = {
  chat: "conversation",
  preference: "preference",
  rating: "rating",
  extraction: "extraction",
};

/** An entry as the spool keeps it: an event, with who sent it and when. */
export function payloadOf(entry: Entry): string {
  const { actor, atMs } = entry;
  if (entry.kind === "signal") return JSON.stringify({ kind: "signal", signal: entry.signal, actor, atMs });
  const { said, dataset, isLimited, mended } = entry;
  const remarks = mended.length === 0 ? {} : { mended: mended.map(({ rule, message, at }) => ({ rule, message, at })) };
  return JSON.stringify({ kind: "example", example: said, dataset, isLimited, actor, atMs, ...remarks });
}

/**
 * Lets in what {@link payloadOf} wrote, or an event as it is.
 *
 * @returns Undefined for what is no event, and what is refused now.
 */
export async function entryOf(
  payload: Uint8Array,
  door: EntryDoor,
  { nowMs, datasetOf }: { readonly nowMs: number; readonly datasetOf: (idOrName: string, actor: string) => Promise<string | undefined> },
): Promise<Entry | undefined> {
  const value = parsed(payload);
  if (value === undefined || !isJsonObject(value)) return undefined;
  const { actor, atMs, mended, isLimited, ...said } = value;
  const read = readEvent(said);
  if (!("event" in read)) return undefined;
  const { event } = read;
  const sender = typeof actor === "string" ? actor : "spool";
  const dataset = event.kind === "example" && event.dataset !== undefined ? await datasetOf(event.dataset, sender) : undefined;
  const remarks = z.array(z.object({ rule: z.string(), message: z.string(), at: z.string() })).safeParse(mended ?? []);
  const entered = enter(event, door, {
    actor: sender,
    atMs: typeof atMs === "number" && Number.isSafeInteger(atMs) ? atMs : nowMs,
    ...(dataset === undefined ? {} : { dataset }),
    ...(isLimited === true ? { isLimited } : {}),
    mended: remarks.data ?? [],
  });
  return "entry" in entered ? entered.entry : undefined;
}

function parsed(payload: Uint8Array): Json | undefined {
  try {
    const value: Json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return value;
  } catch {
    return undefined; // it is counted and kept as what it is
  }
}
