import { TilthError } from "../errors.ts";
import type { Redactor } from "../privacy/redactor.ts";
import { postFeatures } from "../quality/features.ts";
import { styleOf } from "../quality/style.ts";
import type { Example, NewExample } from "../schema/example.ts";
import type { Pack } from "../schema/pack.ts";
import type { ShownExample } from "../storage/examples.ts";
import { showExample } from "../storage/examples.ts";
import { setEngagement } from "../storage/set-engagement.ts";
import type { Changed, NewRow, RowChange, Storage } from "../storage/storage.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { Clock } from "../text/ulid.ts";
import { words } from "../text/words.ts";
import type { Door } from "./door.ts";
import type { Edit } from "./edited.ts";
import { changesOfEdit, editedExample } from "./edited.ts";
import type { FieldChange } from "./field-changes.ts";
import { exampleChanges } from "./field-changes.ts";
import { mendTexts } from "./mend.ts";

export interface EditOptions {
  readonly storage: Storage;
  readonly door: Door;
  readonly redactor: Redactor;
  readonly pack: Pack;
  /** As `tilth show` takes it: the start of an id is enough. */
  readonly id: string;
  readonly edit: Edit;
  /** The revision the edit was made for; absent = the one that is there. */
  readonly rev?: number;
  /** Scores the example anew; a score is never a side effect. */
  readonly score: boolean;
  /** Adds the tags that the packs now see in the text. */
  readonly retag: boolean;
  readonly reason?: string;
  readonly actor: string;
  readonly clock: Clock;
  readonly rulesVersion: string;
}

export interface EditedExample extends ShownExample {
  /** What is no longer what it was; empty where the edit said what was there. */
  readonly changed: readonly FieldChange[];
  /** Personal data taken out of what the edit brought, by type. */
  readonly redacted: Readonly<Record<string, number>>;
}

/**
 * Edits one example: what it says now passes the door again (mended, redacted, checked, hashed), and its findings are replaced.
 *
 * @throws {@link TilthError} `example/not-found`, `example/ambiguous`; `input/invalid` for a field or value that does not fit;
 * `example/refused` where a rule refuses the result; `example/stale` where somebody else was first; `example/equal` where another example
 * says the same already.
 */
export async function editExample(options: EditOptions): Promise<EditedExample> {
  for (let tries = 1; ; tries++) {
    const before = await showExample(options.storage, options.id);
    if (options.rev !== undefined && options.rev !== before.example.rev) throw stale(before.example, options);
    const said = withoutComputed(editedExample(before.example, options.edit), before.example, options.pack);
    const { row, redacted } = passAgain(said, options);
    const changed = await store(before.example, changeTo(before.example, { said, passage: row }, options), row, options);
    // An edit by field that names no revision is for whatever is there, so it is made again on what is there now.
    if (changed.status === "stale" && options.rev === undefined && tries < MOST_TRIES) continue;
    await settle(changed, async () => stale((await showExample(options.storage, changed.id)).example, options));
    const after = await showExample(options.storage, before.example.id);
    return { ...after, changed: exampleChanges(before.example, after.example), redacted };
  }
}

const MOST_TRIES = 5;

/**
 * Lets what an example says now pass the door.
 *
 * @throws {@link TilthError} `example/refused`.
 */
export function passAgain(
  { tags = [], ...said }: NewExample,
  { door, retag, actor }: Pick<EditOptions, "door" | "retag" | "actor">,
): { readonly row: NewRow; readonly redacted: Readonly<Record<string, number>> } {
  const passage = door({ ...said, tags: retag ? [] : tags }, { actor });
  if ("refused" in passage) throw new TilthError("example/refused", { rule: passage.refused, message: passage.message.replace(/\.$/, "") });
  return passage;
}

/** What the packs read from the text of a post is read again where the text is another. */
function withoutComputed(next: NewExample, before: Example, { posts }: Pack): NewExample {
  if (posts === undefined || before.kind !== "text" || next.kind !== "text" || next.text === before.text) return next;
  const wordCount = words(before.text).length;
  const seen = postFeatures(before.text, wordCount);
  const { style, features, ...others } = next;
  const own = Object.entries(features ?? {}).filter(([name, value]) => canonicalJson(value) !== canonicalJson(seen[name] ?? null));
  return {
    ...others,
    ...(style === undefined || style === styleOf(wordCount, posts) ? {} : { style }),
    ...(features === undefined ? {} : { features: Object.fromEntries(own) }),
  };
}

async function store(example: Example, change: RowChange, { engagement = {} }: NewRow, options: EditOptions): Promise<Changed> {
  const { storage, clock, actor, reason, rulesVersion } = options;
  const atMs = clock.nowMs();
  const [changed] = await storage.change([change], {
    actor,
    atMs,
    op: "edit",
    rulesVersion,
    ...(reason === undefined ? {} : { reason }),
  });
  if (changed === undefined) throw new TilthError("example/not-found", { id: example.id });
  if (changed.status === "changed" && canonicalJson(engagement) !== canonicalJson(example.engagement ?? {})) {
    await setEngagement(storage, example.id, engagement, atMs);
  }
  return changed;
}

/** What an example said, and what the door made of it. */
export interface Passed {
  readonly said: NewExample;
  readonly passage: NewRow;
}

/** Says what becomes of an example. Whoever entered it, when, and what people decided about it is no part of that. */
export function changeTo(
  example: Example,
  { said, passage }: Passed,
  { retag, redactor, score }: Pick<EditOptions, "retag" | "redactor" | "score">,
): RowChange {
  const { row, findings, scores, tags } = passage;
  const { id: _id, rev: _rev, updated_at: _at, created_at: _made, created_by: _by, import_id: _import, ...entered } = row;
  const { review_status: _review, lifecycle: _life, duplicate_kept: _kept, quality_tier, quality_score, ...set } = entered;
  const own = (said.tags ?? []).map((tag) => redactor.text(mendText(tag)).text);
  return {
    id: example.id,
    rev: example.rev,
    set: { ...set, ...(score ? { quality_tier, quality_score } : {}) },
    // Where no tag is left, the door puts the packs' own in; an edit that took them away means it.
    tags: retag ? [...new Set([...own, ...tags])] : own,
    findings,
    ...(score ? { scores } : {}),
  };
}

function mendText(text: string): string {
  const { value } = mendTexts(text);
  return typeof value === "string" ? value : text;
}

/**
 * Answers for a change that was not made.
 *
 * @throws {@link TilthError} `example/not-found`, `example/equal`, and what `stale` gives where somebody else was first.
 */
export async function settle(changed: Changed, stale: () => Promise<Error>): Promise<void> {
  switch (changed.status) {
    case "changed":
      return;
    case "missing":
      throw new TilthError("example/not-found", { id: changed.id });
    case "stale":
      throw await stale();
    case "duplicate":
      throw new TilthError("example/equal", { id: changed.id, twin: changed.twin });
  }
}

function stale(now: Example, { edit, rev, redactor }: EditOptions): TilthError<"example/stale"> {
  const changes = changesOfEdit(now, edit);
  const differences = changes.map(({ field, before, after }) => {
    const [there, wanted] = [before, after].map((value) => (value === undefined ? "nothing" : brief(redactor.text(textOf(value)).text)));
    return `${field} is now ${there}, the edit says ${wanted}`;
  });
  const values = differences.length === 0 ? "what it says is there already" : differences.slice(0, SHOWN_DIFFERENCES).join("; ");
  const whole = changes.filter(({ before }) => textOf(before).length <= WHOLE_CHARACTERS);
  return new TilthError("example/stale", {
    id: now.id,
    current: now.rev,
    given: rev ?? "an older one",
    values,
    differences: whole.map(({ field, before, after }) => ({ field, current: before ?? null, given: after ?? null })),
  });
}

const SHOWN_DIFFERENCES = 5;
const SHOWN_CHARACTERS = 80;
/** Of a value that programs are told as it is. */
const WHOLE_CHARACTERS = 20_000;

function textOf(value: unknown): string {
  return typeof value === "string" ? value : canonicalJson(value ?? null);
}

function brief(text: string): string {
  const flat = text.replaceAll(/\s+/g, " ");
  return `“${flat.length <= SHOWN_CHARACTERS ? flat : `${flat.slice(0, SHOWN_CHARACTERS).toWellFormed()}…`}”`;
}
