import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TilthError } from "../errors.ts";
import type { Example } from "../schema/example.ts";
import type { FileWriteOptions } from "../schema/file-kind.ts";
import type { Json } from "../schema/json.ts";
import { canonicalJson } from "../text/canonical.ts";
import type { ItemFile } from "./export-file.ts";
import { encodeLines, openItemFile } from "./export-file.ts";
import type { ExportPlan, ExportProgress, ExportRequest } from "./export-plan.ts";
import { fateOf, keptNeeds, planExport, recordedOptions, wholeSplit } from "./export-plan.ts";
import type { Receipt, ReceiptEntry, ReceiptFile } from "./receipt.ts";
import { addToReceipt, idsName, readReceipt, receiptName, receiptText, refusedName } from "./receipt.ts";
import { splitOf } from "./split.ts";

export type { ExportOptions, ExportProgress, ExportRequest } from "./export-plan.ts";

/** A file of the export; a dry run knows neither its size nor its hash. */
export type ExportedFile = Pick<ReceiptFile, "name" | "split" | "rows"> & Partial<Pick<ReceiptFile, "bytes" | "sha256">>;

export interface ExportReport {
  /** Examples: `read = written + refused + sampledOut`. */
  readonly read: number;
  readonly written: number;
  readonly refused: number;
  /** Examples whose weight below 1 drew no copy. */
  readonly sampledOut: number;
  /** Rows in all files: one example may give several. */
  readonly rows: number;
  /** How many examples were written without what the format cannot hold, by its name. */
  readonly losses: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly files: readonly ExportedFile[];
  /** Splits without a row: they have no file. */
  readonly empty: readonly string[];
  /** Files of earlier exports that stay in the folder. */
  readonly left: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Writes examples as files of one format, one a split, with a receipt beside them.
 *
 * Two passes in constant memory: the first finds which keys rows need and counts what cannot be written, the second writes. Files get
 * their names when all of them are whole; the same examples and options give the same bytes. Weights are materialised in training files
 * only.
 *
 * @throws {@link TilthError} `format/not-written` for a format that is only read, `input/invalid` for options it does not know,
 * `export/bad-receipt`, `export/changed` where the two passes did not meet the same examples.
 */
export async function exportExamples(request: ExportRequest): Promise<ExportReport> {
  const plan = planExport(request);
  const receipt = await readReceipt(request.folder);
  const survey = await look(plan);
  const dryRun = plan.options.dryRun === true;
  if (!dryRun) request.foretell?.({ losses: sorted(survey.losses), refusals: sorted(survey.refusals) });
  const files = dryRun ? survey.files : await publish(plan, survey, receipt);
  const names = new Set(files.map(({ name }) => name));
  const before = receipt.exports.flatMap((entry) => entry.files.map(({ name }) => name));
  return {
    ...survey.examples,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    losses: sorted(survey.losses),
    refusals: sorted(survey.refusals),
    files,
    empty: plan.splits.filter((split) => !files.some((file) => file.split === split)),
    left: before.filter((name) => !names.has(name)),
    dryRun,
  };
}

/** What the first pass finds. */
interface Survey {
  readonly needs: ReadonlySet<string>;
  readonly examples: ReceiptEntry["examples"];
  readonly losses: ReadonlyMap<string, number>;
  readonly refusals: ReadonlyMap<string, number>;
  /** In the order of the splits; those without a row are not among them. */
  readonly files: readonly ExportedFile[];
  /** Splits in which something was refused. */
  readonly refusing: ReadonlySet<string>;
}

async function look(plan: ExportPlan): Promise<Survey> {
  const { format, fileKind } = plan.request;
  const needs = new Set<string>();
  const losses = new Map<string, number>();
  const refusals = new Map<string, number>();
  const rows = new Map<string, number>();
  const refusing = new Set<string>();
  const examples = { read: 0, written: 0, refused: 0, sampledOut: 0 };
  for await (const batch of chosen(plan, "looking")) {
    for (const { example, split } of batch) {
      examples.read++;
      const end = fateOf(plan, example, split, needs);
      if (end.fate === "refused") {
        examples.refused++;
        countUp(refusals, end.reason);
        refusing.add(split);
      } else if (end.fate === "sampled-out") {
        examples.sampledOut++;
      } else {
        examples.written++;
        for (const loss of new Set(end.losses)) countUp(losses, loss);
        for (const key of format.needs?.(example, plan.settings) ?? []) needs.add(key);
        countUp(rows, split, end.rows.length * end.copies);
      }
    }
  }
  const filled = plan.splits.flatMap((split) => {
    const count = rows.get(split) ?? 0;
    return count === 0 ? [] : [{ name: `${format.layout?.(split) ?? split}.${fileKind.extension}`, split, rows: count }];
  });
  return { needs: keptNeeds(plan, needs), examples, losses, refusals, files: filled, refusing };
}

function countUp(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

interface Placed {
  readonly example: Example;
  readonly split: string;
}

/** The examples of the splits that were asked for, up to the limit. */
async function* chosen({ request, options, splits }: ExportPlan, step: ExportProgress["step"]): AsyncIterable<readonly Placed[]> {
  const { rule } = request.split;
  const limit = options.limit ?? Infinity;
  let examples = 0;
  if (limit === 0) return;
  for await (const batch of request.examples()) {
    request.signal?.throwIfAborted();
    const placed = batch.map((example) => ({ example, split: rule === undefined ? wholeSplit : splitOf(example.groupKey, rule) }));
    const taken = placed.filter(({ split }) => splits.includes(split)).slice(0, limit - examples);
    examples += taken.length;
    yield taken;
    request.progress?.({ step, examples });
    if (examples >= limit) return;
  }
}

/** Second pass: writes under temporary names, then gives all files their own, the receipt last. */
async function publish(plan: ExportPlan, survey: Survey, receipt: Receipt): Promise<readonly ReceiptFile[]> {
  const { folder } = plan.request;
  if (survey.files.length === 0 && (survey.refusing.size === 0 || plan.options.listRefused !== true)) return [];
  await mkdir(folder, { recursive: true });
  // In the folder itself, so that a new name is all that is left to do; hidden, so that no reader meets what is half written.
  const scratch = await mkdtemp(join(folder, ".tilth-export-"));
  try {
    const { files, names } = await writeFiles(plan, survey, scratch);
    if (files.length > 0) await writeFile(join(scratch, receiptName), receiptText(addToReceipt(receipt, entryOf(plan, survey, files))));
    for (const split of plan.splits) await rm(join(folder, refusedName(split)), { force: true });
    for (const name of files.length > 0 ? [...names, receiptName] : names) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await rename(join(scratch, name), join(folder, name));
    }
    return files;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function entryOf(plan: ExportPlan, survey: Survey, files: readonly ReceiptFile[]): ReceiptEntry {
  const { format, fileKind, about } = plan.request;
  return {
    ...about,
    format: format.name,
    fileKind: fileKind.name,
    options: recordedOptions(plan),
    examples: survey.examples,
    losses: sorted(survey.losses),
    refusals: sorted(survey.refusals),
    files,
  };
}

/** The files of one split while they are written. */
interface SplitFiles {
  readonly file?: ExportedFile;
  readonly rows?: ItemFile<Json>;
  readonly ids?: ItemFile<string>;
  readonly refused?: ItemFile<string>;
}

async function writeFiles(
  plan: ExportPlan,
  survey: Survey,
  scratch: string,
): Promise<{ readonly files: readonly ReceiptFile[]; readonly names: readonly string[] }> {
  const open = new Map<string, SplitFiles>();
  try {
    for (const split of plan.splits) open.set(split, await openSplit(plan, survey, split, scratch));
    const counts = await writeRows(plan, survey, open);
    const files: ReceiptFile[] = [];
    const names: string[] = [];
    for (const [split, { file, rows, ids, refused }] of open) {
      if (refused !== undefined) names.push(refusedName(split));
      await refused?.close();
      await ids?.close();
      const written = await rows?.close();
      if (file === undefined || written === undefined) continue;
      const count = counts.get(split) ?? 0;
      if (count !== file.rows) throw new TilthError("export/changed", { file: file.name, rows: count, expected: file.rows });
      files.push({ name: file.name, split, rows: count, ...written });
      names.push(file.name, idsName(file.name));
    }
    return { files, names };
  } catch (error) {
    // The files are thrown away, but not before nobody writes to them any more.
    await Promise.allSettled([...open.values()].map(closeSplit));
    throw error;
  }
}

/** Closes whatever is open, and waits for all of it. */
async function closeSplit({ rows, ids, refused }: SplitFiles): Promise<void> {
  await Promise.allSettled([rows, ids, refused].flatMap((file) => (file === undefined ? [] : [file.close()])));
}

async function openSplit(plan: ExportPlan, survey: Survey, split: string, scratch: string): Promise<SplitFiles> {
  const { fileKind } = plan.request;
  const file = survey.files.find((planned) => planned.split === split);
  const lists = plan.options.listRefused === true && survey.refusing.has(split);
  const refused = lists ? { refused: await openItemFile(join(scratch, refusedName(split)), encodeLines) } : {};
  if (file === undefined) return refused;
  const options = fileOptions(plan, survey.needs);
  return {
    ...refused,
    file,
    rows: await openItemFile<Json>(join(scratch, file.name), (rows) => fileKind.write(rows, options)),
    ids: await openItemFile(join(scratch, idsName(file.name)), encodeLines),
  };
}

function fileOptions({ request, options, settings }: ExportPlan, needs: ReadonlySet<string>): FileWriteOptions {
  const columns = request.format.columns?.(settings).filter((column) => needs.has(column));
  const columnTypes = request.format.columnTypes?.(settings);
  const envelope = options.bare === true ? undefined : request.format.envelope?.(request.about);
  return {
    ...(columns === undefined ? {} : { columns }),
    ...(columnTypes === undefined ? {} : { columnTypes }),
    ...(envelope === undefined ? {} : { envelope }),
    ...(options.escapeFormulas === undefined ? {} : { escapeFormulas: options.escapeFormulas }),
  };
}

/** Writes all rows with their ids; gives the number of rows by split. */
async function writeRows(plan: ExportPlan, { needs }: Survey, open: ReadonlyMap<string, SplitFiles>): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const batch of chosen(plan, "writing")) {
    for (const [split, { rows, ids, refused }] of open) {
      const rowsHere: Json[] = [];
      const idsHere: string[] = [];
      const refusedHere: string[] = [];
      for (const placed of batch) {
        if (placed.split !== split) continue;
        const end = fateOf(plan, placed.example, split, needs);
        if (end.fate === "refused") refusedHere.push(canonicalJson({ id: placed.example.id, reason: end.reason }));
        if (end.fate !== "written") continue;
        for (let copy = 0; copy < end.copies; copy++) {
          rowsHere.push(...end.rows);
          for (let row = 0; row < end.rows.length; row++) idsHere.push(placed.example.id);
        }
      }
      countUp(counts, split, rowsHere.length);
      await rows?.write(rowsHere);
      await ids?.write(idsHere);
      await refused?.write(refusedHere);
    }
  }
  return counts;
}
