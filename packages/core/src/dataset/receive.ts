import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { TilthError } from "../errors.ts";
import { sha256File } from "../text/hash.ts";
import { checkoutManifest } from "./checkout.ts";
import type { ReceiptEntry } from "./receipt.ts";
import { addToReceipt, idsName, readReceipt, receiptName, receiptText, refusedName } from "./receipt.ts";
import { makeWholeFolder } from "./whole-folder.ts";

/** A file that lies elsewhere, on its way here. */
export interface IncomingFile extends AsyncIterable<Uint8Array> {
  readonly sizeBytes: number;
  readonly sha256?: string;
}

export interface ReceiveOptions {
  /** Where the files go. */
  readonly folder: string;
  /** Finds one of them; nothing where there is none of that name. */
  readonly find: (name: string) => Promise<IncomingFile | undefined>;
  readonly progress?: (state: { readonly file: string; readonly done: number; readonly total: number }) => void;
}

/** What an export that was made elsewhere answers. */
export interface MadeExport {
  readonly files: readonly { readonly name: string; readonly split: string; readonly sha256?: string }[];
  /** Splits without a file. */
  readonly empty: readonly string[];
  readonly refused: number;
}

/**
 * Brings the files of an export that was made elsewhere into a folder, with receipt, ids and the lists of what was refused, as if it had
 * been made there. They get their names when all of them are whole.
 *
 * @throws {@link TilthError} `export/bad-receipt`, `client/changed` where bytes are not those that were announced; what fetching throws.
 */
export async function receiveExport(made: MadeExport, { folder: named, find, progress }: ReceiveOptions): Promise<void> {
  const folder = resolve(named);
  const receipt = await readReceipt(folder);
  const splits = [...made.files.map(({ split }) => split), ...made.empty];
  if (made.files.length === 0 && made.refused === 0) return;
  await mkdir(folder, { recursive: true });
  // In the folder itself, so that a new name is all that is left to do; hidden, so that no reader meets what is half there.
  const scratch = await mkdtemp(join(folder, ".tilth-export-"));
  try {
    const names: string[] = [];
    const take = async (name: string, sha256?: string): Promise<boolean> => {
      const file = await find(name);
      if (file === undefined) return false;
      await save(join(scratch, name), file, {
        name,
        ...(sha256 === undefined ? {} : { sha256 }),
        ...(progress === undefined ? {} : { progress }),
      });
      names.push(name);
      return true;
    };
    for (const split of made.refused === 0 ? [] : splits) await take(refusedName(split));
    for (const { name, sha256 } of made.files)
      for (const [one, hash] of [[name, sha256], [idsName(name)]] as const)
        if (!(await take(one, hash))) throw new TilthError("client/changed", { file: one, problem: "it is not there any more" });
    if (made.files.length > 0) {
      await save(join(scratch, receiptName), await found(find, receiptName), { name: receiptName });
      const entry = await entryOf(made, scratch);
      await writeFile(join(scratch, receiptName), receiptText(addToReceipt(receipt, entry)));
      names.push(receiptName);
    }
    for (const split of splits) await rm(join(folder, refusedName(split)), { force: true });
    for (const name of names) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await rename(join(scratch, name), join(folder, name));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Brings the files of a version that was checked out elsewhere into a folder, which appears at once and complete, or not at all.
 *
 * @returns False when the folder held them already.
 * @throws {@link TilthError} `dataset/target-not-empty`, `client/changed`; what fetching throws.
 */
export async function receiveCheckout(made: { readonly files: readonly string[] }, options: ReceiveOptions): Promise<boolean> {
  const { find, progress } = options;
  const folder = resolve(options.folder);
  const names = [...made.files, checkoutManifest];
  return makeWholeFolder(folder, {
    async holdsSame(there) {
      if (there.length !== names.length || !names.every((name) => there.includes(name))) return false;
      for (const name of names) if ((await sha256File(join(folder, name))).sha256 !== (await found(find, name)).sha256) return false;
      return true;
    },
    async fill(draft) {
      for (const name of names)
        await save(join(draft, name), await found(find, name), { name, ...(progress === undefined ? {} : { progress }) });
    },
  });
}

async function found(find: ReceiveOptions["find"], name: string): Promise<IncomingFile> {
  const file = await find(name);
  if (file === undefined) throw new TilthError("client/changed", { file: name, problem: "it is not there any more" });
  return file;
}

/** The receipt there may tell of other files, too; each stands in one entry. */
async function entryOf({ files }: MadeExport, folder: string): Promise<ReceiptEntry> {
  const names = new Set(files.map(({ name }) => name));
  const entry = (await readReceipt(folder)).exports.find((one) => one.files.some(({ name }) => names.has(name)));
  if (entry === undefined || entry.files.some(({ name }) => !names.has(name)) || entry.files.length !== names.size)
    throw new TilthError("client/changed", { file: receiptName, problem: "it tells of other files" });
  return entry;
}

interface Saving {
  readonly name: string;
  /** What somebody else said of it. */
  readonly sha256?: string;
  readonly progress?: ReceiveOptions["progress"];
}

async function save(path: string, file: IncomingFile, { name, sha256 = file.sha256, progress }: Saving): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash("sha256");
  let done = 0;
  await using target = await open(path, "w");
  for await (const chunk of file) {
    await target.writeFile(chunk);
    hash.update(chunk);
    done += chunk.length;
    progress?.({ file: name, done, total: file.sizeBytes });
  }
  if (done !== file.sizeBytes)
    throw new TilthError("client/changed", { file: name, problem: `it has ${done} bytes instead of ${file.sizeBytes}` });
  if (sha256 !== undefined && hash.digest("hex") !== sha256)
    throw new TilthError("client/changed", { file: name, problem: "its SHA-256 is not the one that was announced" });
}
