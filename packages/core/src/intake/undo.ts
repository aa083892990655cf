import { TilthError } from "../errors.ts";
import type { Example } from "../schema/example.ts";
import { exampleToJson } from "../schema/example.ts";
import { showExample } from "../storage/examples.ts";
import { exampleWith, undoOf } from "../storage/history.ts";
import type { RowChange } from "../storage/storage.ts";
import type { EditedExample, EditOptions } from "./edit.ts";
import { changeTo, passAgain, settle } from "./edit.ts";
import { enteringExample } from "./edited.ts";
import { exampleChanges } from "./field-changes.ts";

export type UndoOptions = Omit<EditOptions, "edit" | "pack" | "score" | "retag">;

/**
 * Takes back the last change of one example, whoever made it; undone twice, it stands again.
 *
 * What it says then passes the door again as an edit does, and its findings are replaced: rules may have changed since.
 *
 * @throws {@link TilthError} `example/nothing-to-undo`, `example/not-found`, `example/ambiguous`; `example/refused` where a rule refuses now
 * what was there; `example/stale` where somebody else was first; `example/equal` where another example says the same by now.
 */
export async function undoExample(options: UndoOptions): Promise<EditedExample> {
  const { storage, actor, clock, reason, rulesVersion } = options;
  const before = await showExample(storage, options.id);
  const { id, rev } = before.example;
  const undo = await undoOf(storage, id);
  if (undo.rev !== rev || (options.rev !== undefined && options.rev !== rev))
    throw stale(id, { current: undo.rev ?? rev, given: options.rev });
  const { change, redacted } = isChecked(undo) ? checkedUndo(before.example, undo, options) : { change: undo, redacted: {} };
  const [changed] = await storage.change([change], {
    actor,
    atMs: clock.nowMs(),
    op: "undo",
    rulesVersion,
    ...(reason === undefined ? {} : { reason }),
  });
  if (changed === undefined) throw new TilthError("example/not-found", { id });
  await settle(changed, async () => stale(id, { current: (await showExample(storage, id)).example.rev, given: rev }));
  const after = await showExample(storage, id);
  return { ...after, changed: exampleChanges(before.example, after.example), redacted };
}

/** What people decide; neither a rule nor a score reads it, so bringing it back is never refused. */
const decided: ReadonlySet<string> = new Set(["lifecycle", "review_status", "duplicate_kept", "tags", "import_id"]);

function isChecked({ set }: RowChange): boolean {
  return Object.keys(set).some((column) => !decided.has(column));
}

function checkedUndo(
  example: Example,
  undo: RowChange,
  options: UndoOptions,
): { readonly change: RowChange; readonly redacted: Readonly<Record<string, number>> } {
  const said = enteringExample(exampleToJson(exampleWith(example, undo.set)));
  const { row: passage, redacted } = passAgain(said, { ...options, retag: false });
  const change = changeTo(example, { said, passage }, { ...options, retag: false, score: false });
  const { quality_score: score, quality_tier: tier } = undo.set;
  if (score === undefined && tier === undefined) return { change: { ...change, set: { ...undo.set, ...change.set } }, redacted };
  // The score comes back as it was; what it was made of is known only where the same is computed again.
  const isSame = (score ?? passage.row.quality_score) === passage.row.quality_score;
  return { change: { ...change, set: { ...undo.set, ...change.set }, scores: isSame ? passage.scores : [] }, redacted };
}

function stale(id: string, { current, given }: { readonly current: number; readonly given: number | undefined }): Error {
  return new TilthError("example/stale", { id, current, given: given ?? "an older one", values: "another change came first" });
}
