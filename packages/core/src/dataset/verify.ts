import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { isTilthError, TilthError } from "../errors.ts";
import type { Objects } from "../objects/objects.ts";
import { objectKey } from "../objects/objects.ts";
import type { Chunk, Manifest, PageRef, RefEntry } from "../schema/manifest.ts";
import { manifestSchema, pageSchema, recipeSchema, refEntrySchema } from "../schema/manifest.ts";
import { canonicalJson } from "../text/canonical.ts";
import { sha256Hex } from "../text/hash.ts";
import { compareKeys } from "./changes.ts";
import type { Duck } from "./duckdb.ts";
import { queryCounts, quoted } from "./duckdb.ts";
import { parseStored } from "./manifest.ts";
import type { Branch } from "./refs.ts";
import { listBranches, refKey } from "./refs.ts";

/** Damage found in the version store. */
export interface VerifyProblem {
  /** Key of the object. */
  readonly object: string;
  /** What is wrong, what it means and what to do, in sentences. */
  readonly problem: string;
  /** The versions that need it, as `dataset@branch:label`. */
  readonly versions: readonly string[];
}

export interface VerifyReport {
  readonly problems: readonly VerifyProblem[];
  readonly versions: number;
  readonly objects: number;
  /** Bytes that were read and hashed. */
  readonly bytes: number;
}

/**
 * - `quick`: the newest version's chain; data files are there and as long as they should be.
 * - `full`: every version; every object is hashed anew.
 * - `deep`: the rows as well: counts, order and range of keys, each key once.
 */
export type VerifyLevel = { readonly level: "quick" | "full" } | { readonly level: "deep"; readonly duck: Duck };

export type VerifyOptions = VerifyLevel & {
  readonly objects: Objects;
  /** Id of a dataset. @defaultValue all */
  readonly dataset?: string;
  /** Number of a version; on every branch that has it. @defaultValue all */
  readonly version?: number;
  readonly progress?: (state: { readonly objects: number; readonly bytes: number }) => void;
  readonly signal?: AbortSignal;
};

/**
 * Looks for damage in the version store. Finds any flipped, missing or added byte in what versions consist of; what nothing refers to is
 * no damage.
 *
 * Streams: each object is looked at once however many versions share it. Time linear in their bytes.
 */
export async function verifyVersions(options: VerifyOptions): Promise<VerifyReport> {
  const run: Run = { options, done: new Map(), problems: new Map(), versions: 0, objects: 0, bytes: 0 };
  await verifyStore(run);
  for (const branch of await listBranches(options.objects, options.dataset)) await verifyBranch(run, branch);
  const { versions, objects, bytes } = run;
  return { problems: [...run.problems.values()], versions, objects, bytes };
}

interface Run {
  readonly options: VerifyOptions;
  /** What was found in each object that was looked at: its content, or nothing when it is damaged. */
  readonly done: Map<string, unknown>;
  readonly problems: Map<string, VerifyProblem>;
  versions: number;
  objects: number;
  bytes: number;
}

async function verifyStore(run: Run): Promise<void> {
  const text = Buffer.from(await run.options.objects.get("store.json").catch(() => Buffer.alloc(0))).toString();
  if (/^\{"format":1,"hash":"sha256","id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\}$/.test(text)) return;
  note(run, "store.json", "is not the description of a version store. No version is lost by it; bring the file back from a backup.", []);
}

async function verifyBranch(run: Run, branch: Branch): Promise<void> {
  const { objects, version, level } = run.options;
  const prefix = `refs/${branch.dataset}/${branch.branch}/`;
  let newer: RefEntry | undefined;
  for await (const { key } of objects.list(prefix)) {
    run.options.signal?.throwIfAborted();
    const entry = await verifyRef(run, key);
    if (entry === undefined) continue;
    if (newer !== undefined && newer.seq - entry.seq > 1) {
      note(
        run,
        refKey(branch, entry.seq + 1),
        `is missing: version #${entry.seq + 1} was committed and its entry is gone. Bring it back from a backup.`,
        [],
      );
    }
    const isOlderRevision = newer?.seq === entry.seq;
    newer = entry;
    if (isOlderRevision || (version !== undefined && entry.seq !== version)) continue;
    await verifyVersion(run, branch, entry);
    if (level === "quick" && version === undefined) return;
  }
}

async function verifyRef(run: Run, key: string): Promise<RefEntry | undefined> {
  try {
    const bytes = await run.options.objects.get(key);
    count(run, bytes.length);
    const entry = parseStored(bytes, key, refEntrySchema);
    const isWhole =
      Buffer.from(bytes).toString() === canonicalJson(entry) &&
      key.endsWith(refKey({ dataset: "", branch: "" }, entry.seq, entry.revision).slice(6));
    if (isWhole) return entry;
    note(
      run,
      key,
      "was changed: it is not what Tilth writes under this name. The version it names may be another; bring it back from a backup.",
      [],
    );
  } catch (cause) {
    if (!isTilthError(cause)) throw cause;
    note(run, key, `cannot be read: ${cause.message} Its version cannot be found by name until it is brought back from a backup.`, []);
  }
  return undefined;
}

async function verifyVersion(run: Run, branch: Branch, entry: RefEntry): Promise<void> {
  run.versions++;
  const name = `${branch.dataset}@${branch.branch}:${entry.label}`;
  const manifest = await verifyJson(run, entry.manifest, manifestSchema, "its manifest", name);
  if (manifest === undefined) return;
  verifyAgreement(run, branch, entry, manifest, name);
  await verifyJson(run, manifest.provenance.recipe, recipeSchema, "its recipe", name);
  if (manifest.stats.report !== undefined)
    await verifyBytes(run, objectKey(manifest.stats.report, "json"), manifest.stats.report, "its report", name);
  const seen: Seen = { rows: 0, max: undefined };
  for (const ref of manifest.pages) {
    const page = await verifyJson(run, ref.page, pageSchema, "a page of its list of chunks", name);
    if (page === undefined) continue;
    if (!agrees(ref, page.chunks))
      note(
        run,
        objectKey(ref.page, "json"),
        `does not hold the ${ref.chunks} chunks that the manifest of ${name} says. Bring the store back from a backup.`,
        [name],
      );
    for (const chunk of page.chunks) await verifyChunk(run, chunk, seen, name);
  }
  const isComplete = ![...run.problems.values()].some(({ versions }) => versions.includes(name));
  if (isComplete && seen.rows !== manifest.rows)
    note(
      run,
      objectKey(entry.manifest, "json"),
      `says ${manifest.rows} rows, and the chunks have ${seen.rows}. Bring the store back from a backup.`,
      [name],
    );
}

/** A ref entry is under no hash of its own: all it says stands in the manifest, too. */
function verifyAgreement(run: Run, branch: Branch, entry: RefEntry, manifest: Manifest, name: string): void {
  const said = {
    dataset: branch.dataset,
    branch: branch.branch,
    seq: entry.seq,
    revision: entry.revision,
    label: entry.label,
    op: entry.op,
    at: entry.at,
  };
  const { dataset, seq, revision, label, op, provenance } = manifest;
  const meant = { dataset, branch: manifest.branch, seq, revision, label, op: op.kind, at: provenance.at };
  if (canonicalJson(said) === canonicalJson(meant)) return;
  note(
    run,
    refKey(branch, entry.seq, entry.revision),
    `and its manifest ${entry.manifest.slice(0, 12)} tell different things: the entry was changed. Bring it back from a backup.`,
    [name],
  );
}

interface Seen {
  rows: number;
  max: string | undefined;
}

async function verifyChunk(run: Run, chunk: Chunk, seen: Seen, name: string): Promise<void> {
  run.options.signal?.throwIfAborted();
  const key = objectKey(chunk.object, "parquet");
  const [rows, min, max] = [chunk.rows, chunk.min, chunk.max];
  if (compareKeys(min, max) > 0 || (seen.max !== undefined && compareKeys(seen.max, min) >= 0)) {
    note(
      run,
      key,
      `begins at ${min}, where the chunk before it has not ended: keys could be there twice. Bring the store back from a backup.`,
      [name],
    );
  }
  seen.rows += rows;
  seen.max = max;
  if (run.options.level === "quick") return verifySize(run, key, chunk.bytes, name);
  const isWhole = await verifyBytes(run, key, chunk.object, "a chunk of its rows", name);
  if (isWhole && run.options.level === "deep") await verifyRows(run, run.options.duck, chunk, name);
}

async function verifySize(run: Run, key: string, bytes: number, name: string): Promise<void> {
  if (isDone(run, key, name)) return;
  const [found] = await Array.fromAsync(run.options.objects.list(key, 1));
  const isThere = found?.key === key;
  finish(run, key, isThere ? true : undefined);
  if (!isThere) note(run, key, missing("a chunk of its rows"), [name]);
  else if (found.bytes !== bytes)
    note(
      run,
      key,
      `has ${found.bytes} bytes instead of ${bytes}: it was cut or overwritten. Rows of the version are lost unless it comes back from a backup.`,
      [name],
    );
  count(run, 0);
}

async function verifyRows(run: Run, duck: Duck, chunk: Chunk, name: string): Promise<void> {
  const key = objectKey(chunk.object, "parquet");
  if (isDone(run, `rows of ${key}`, name)) return;
  finish(run, `rows of ${key}`, true);
  const path = await run.options.objects.local(key);
  // Keys in file order, each compared with the one before: sorted and each once.
  const [rows = 0, outside = 0, unordered = 0] = await duck.use((session) =>
    queryCounts(
      session,
      `SELECT count(*), count(*) FILTER (id < ${quoted(chunk.min)} OR id > ${quoted(chunk.max)}), count(*) FILTER (before >= id)
       FROM (SELECT id, lag(id) OVER (ORDER BY file_row_number) AS before FROM read_parquet(${quoted(path)}, file_row_number = true))`,
    ),
  );
  const faults = [
    ...(rows === chunk.rows ? [] : [`has ${rows} rows instead of ${chunk.rows}`]),
    ...(outside === 0 ? [] : [`has ${outside} keys outside of ${chunk.min} to ${chunk.max}`]),
    ...(unordered === 0 ? [] : [`has ${unordered} keys that are out of order or there twice`]),
  ];
  if (faults.length > 0) note(run, key, `${faults.join(", ")}: it was written wrongly. Commit the dataset anew and report this.`, [name]);
}

/** Reads a JSON object once, makes sure of its bytes and parses it. */
async function verifyJson<T>(
  run: Run,
  sha256: string,
  schema: { parse(value: unknown): T } & Parameters<typeof parseStored<T>>[2],
  what: string,
  name: string,
): Promise<T | undefined> {
  const key = objectKey(sha256, "json");
  const bytes = isDone(run, key, name) ? undefined : await bytesOf(run, key, what, name);
  if (bytes === undefined) {
    const known = run.done.get(key);
    return known === undefined ? undefined : schema.parse(known);
  }
  if (sha256Hex(bytes) !== sha256) {
    note(run, key, changed(what), [name]);
    return undefined;
  }
  try {
    const value = parseStored(bytes, key, schema);
    finish(run, key, value);
    return value;
  } catch (cause) {
    if (!(cause instanceof TilthError)) throw cause;
    note(run, key, `is whole, and yet cannot be read: ${cause.message}`, [name]);
    return undefined;
  }
}

async function bytesOf(run: Run, key: string, what: string, name: string): Promise<Uint8Array | undefined> {
  finish(run, key, undefined);
  try {
    const bytes = await run.options.objects.get(key);
    count(run, bytes.length);
    return bytes;
  } catch (cause) {
    if (!isTilthError(cause)) throw cause;
    note(run, key, missing(what), [name]);
    return undefined;
  }
}

/** Hashes a data file once, in constant memory. */
async function verifyBytes(run: Run, key: string, sha256: string, what: string, name: string): Promise<boolean> {
  if (isDone(run, key, name)) return run.done.get(key) === true;
  finish(run, key, undefined);
  const path = await run.options.objects.local(key).catch((cause: unknown) => {
    if (!isTilthError(cause)) throw cause;
  });
  if (path === undefined) {
    note(run, key, missing(what), [name]);
    return false;
  }
  const isWhole = (await hashFile(run, path)) === sha256;
  if (isWhole) finish(run, key, true);
  else note(run, key, changed(what), [name]);
  return isWhole;
}

/** One buffer is hashed while the other is being filled. */
async function hashFile(run: Run, path: string): Promise<string> {
  await using file = await open(path, "r");
  const digest = createHash("sha256");
  const buffers = [Buffer.allocUnsafe(1 << 20), Buffer.allocUnsafe(1 << 20)] as const;
  let reading = file.read(buffers[0], 0, buffers[0].length);
  let size = 0;
  for (let turn = 0; ; turn++) {
    const { bytesRead, buffer } = await reading;
    if (bytesRead === 0) break;
    reading = file.read(buffers[turn % 2 === 0 ? 1 : 0], 0, buffer.length);
    digest.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  count(run, size);
  return digest.digest("hex");
}

function agrees(ref: PageRef, chunks: readonly Chunk[]): boolean {
  return chunks.length === ref.chunks && chunks[0]?.min === ref.min && chunks.at(-1)?.max === ref.max;
}

/** True when it was looked at for another version; what is wrong with it is wrong with this one as well. */
function isDone(run: Run, key: string, name: string): boolean {
  if (!run.done.has(key)) return false;
  const problem = run.problems.get(key);
  if (problem !== undefined && !problem.versions.includes(name))
    run.problems.set(key, { ...problem, versions: [...problem.versions, name] });
  return true;
}

function finish(run: Run, key: string, found: unknown): void {
  run.done.set(key, found);
}

function count(run: Run, bytes: number): void {
  run.objects++;
  run.bytes += bytes;
  run.options.progress?.({ objects: run.objects, bytes: run.bytes });
}

function note(run: Run, object: string, problem: string, versions: readonly string[]): void {
  const before = run.problems.get(object);
  run.problems.set(
    object,
    before === undefined ? { object, problem, versions } : { ...before, problem: `${before.problem} It ${problem}` },
  );
}

function missing(what: string): string {
  return `is missing; it is ${what}. The version cannot be read in full until it is brought back from a backup.`;
}

function changed(what: string): string {
  return `was changed: its bytes are not those its name promises; it is ${what}. Do not train on the version until it is brought back from a backup.`;
}
