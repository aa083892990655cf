import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { endianness } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { FreshnessDistribution } from "./freshness-calibration.ts";
import { type Layout, readArrays, writeArrays } from "./freshness-file.ts";
import { baseArrays, changeArrays, restoreBase, restoreChanges, roomForBase, roomForChanges } from "./freshness-sections.ts";
import { type FreshnessState, type StateSettings, countLiving, newState } from "./freshness-state.ts";
import { paddedDimensions } from "./freshness-vectors.ts";
import type { Weights } from "./kernels/freshness-hits.ts";

const FORMAT = "tilth-freshness";
const FORMAT_VERSION = 1;
const HEADER = "header.json";
/** What a writer that was killed left behind is old after an hour. */
const OLD_MS = 3_600_000;

const whole = z.int().nonnegative();
const layout = z.record(z.string(), z.object({ offset: whole, bytes: whole, crc32: whole }));
const part = z.object({ file: z.string().regex(/^[a-z]+-[0-9a-f-]{36}\.bin$/), layout });
const distribution = z.object({
  quantiles: z.array(z.object({ share: z.number(), freshness: z.number() })),
  draws: z.array(z.number()),
  size: whole,
});
const header = z.object({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  byteOrder: z.literal("LE"),
  embedder: z.object({ id: z.string(), version: z.string(), dimensions: whole, backgroundCosine: z.number() }),
  weights: z.object({ word: z.number(), phrase: z.number(), semantic: z.number() }),
  poolVersion: z.optional(z.string()),
  types: z.array(z.string()),
  base: part,
  changes: part,
  distributions: z.array(z.object({ type: z.optional(z.string()), distribution })),
});
type Header = z.infer<typeof header>;

/** Distributions by type; without one, of the whole pool. */
export type Distributions = readonly (readonly [string | undefined, FreshnessDistribution])[];

/**
 * Writes an index: the merged part only where the folder has another one, the changes since, and last the header that names both.
 *
 * @throws {@link TilthError} `storage/write-failed`.
 */
export async function writeState(state: FreshnessState, folder: string, distributions: Distributions): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const before = await readHeader(folder).catch(() => undefined);
    const base = (await keptBase(state, folder, before)) ?? (await writeBase(state, folder));
    const changesFile = `changes-${randomUUID()}.bin`;
    const changes = { file: changesFile, layout: await writeArrays(join(folder, changesFile), changeArrays(state)) };
    await writeHeader(folder, headerOf(state, { base, changes, distributions }));
    state.baseFile = { folder, name: base.file };
    await removeOld(folder, [base.file, changesFile], before);
  } catch (cause) {
    if (cause instanceof TilthError) throw cause;
    throw new TilthError("storage/write-failed", { path: folder, reason: reasonOf(cause) }, { cause });
  }
}

/**
 * Reads an index that {@link writeState} wrote.
 *
 * @throws {@link TilthError} `embed/mismatch`, `storage/index-unusable`, `embed/too-many-vectors`.
 */
export async function readState(folder: string, settings: StateSettings, weights: Weights | undefined) {
  const unusable = (problem: string, cause?: unknown): TilthError =>
    new TilthError("storage/index-unusable", { path: folder, problem }, { cause });
  // A writer that replaces the index takes the old files away: the second time its new header is met.
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await readHeader(folder);
      checkSameEmbedder(folder, found, settings);
      const state = newState({ ...settings, weights: weights ?? found.weights, version: settings.version ?? found.poolVersion });
      const problem = (await loadBase(state, folder, found)) ?? (await loadChanges(state, folder, found));
      if (problem !== undefined) throw unusable(problem);
      const distributions: Distributions = found.distributions.map(({ type, distribution: drawn }) => [type, drawn]);
      return { state, distributions };
    } catch (cause) {
      if (cause instanceof TilthError) throw cause;
      if (attempt === 1 && isMissing(cause)) continue;
      throw unusable(isMissing(cause) ? "it is not there, or a part of it is missing" : reasonOf(cause), cause);
    }
  }
}

async function loadBase(state: FreshnessState, folder: string, { base, types }: Header): Promise<string | undefined> {
  const room = roomForBase(sizesOf(base.layout), paddedDimensions(state.embedder.dimensions), state.wasm);
  const problem = await readArrays(join(folder, base.file), base.layout, room.arrays);
  if (problem !== undefined) return problem;
  const fault = restoreBase(state, room, types);
  if (fault !== undefined) return fault;
  state.baseFile = { folder, name: base.file };
  countLiving(state);
  return undefined;
}

async function loadChanges(state: FreshnessState, folder: string, { changes }: Header): Promise<string | undefined> {
  const room = roomForChanges(sizesOf(changes.layout));
  const problem = await readArrays(join(folder, changes.file), changes.layout, room);
  return problem ?? restoreChanges(state, room);
}

function sizesOf(of: Layout): (name: string) => number {
  return (name) => of[name]?.bytes ?? 0;
}

/** The merged part that lies there already, where it is this one. */
async function keptBase({ baseFile }: FreshnessState, folder: string, before: Header | undefined): Promise<Header["base"] | undefined> {
  if (before === undefined || baseFile?.folder !== folder || baseFile.name !== before.base.file) return undefined;
  const there = await stat(join(folder, baseFile.name)).catch(() => undefined);
  return there === undefined ? undefined : before.base;
}

async function writeBase(state: FreshnessState, folder: string): Promise<Header["base"]> {
  const file = `base-${randomUUID()}.bin`;
  return { file, layout: { ...(await writeArrays(join(folder, file), baseArrays(state))) } };
}

interface Parts {
  readonly base: Header["base"];
  readonly changes: { readonly file: string; readonly layout: Layout };
  readonly distributions: Distributions;
}

function headerOf({ embedder, weights, version, base: { types } }: FreshnessState, parts: Parts): Header {
  const { id, version: embedderVersion, dimensions, backgroundCosine } = embedder;
  return {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    byteOrder: "LE",
    embedder: { id, version: embedderVersion, dimensions, backgroundCosine },
    weights,
    poolVersion: version,
    types: [...types],
    base: parts.base,
    changes: { file: parts.changes.file, layout: { ...parts.changes.layout } },
    distributions: parts.distributions.map(([type, { quantiles, draws, size }]) => ({
      type,
      distribution: { quantiles: [...quantiles], draws: [...draws], size },
    })),
  };
}

/** The header and, on a line of its own, its checksum; renamed into place when it is on the disk. */
async function writeHeader(folder: string, value: Header): Promise<void> {
  const text = JSON.stringify(value);
  const path = join(folder, `header-${randomUUID()}.tmp`);
  const file = await open(path, "wx");
  try {
    await file.writeFile(`${text}\n${crc32(text)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path, join(folder, HEADER));
}

async function readHeader(folder: string): Promise<Header> {
  if (endianness() !== "LE") throw new Error("indexes are read on little-endian machines only");
  const [text = "", sum] = (await readFile(join(folder, HEADER), "utf8")).split("\n");
  if (sum !== String(crc32(text))) throw new Error(`${HEADER} is damaged or no header of an index`);
  const parsed = header.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`${HEADER} is of another format (${z.prettifyError(parsed.error)})`);
  return parsed.data;
}

function checkSameEmbedder(folder: string, { embedder: found }: Header, { embedder }: StateSettings): void {
  const same =
    found.id === embedder.id &&
    found.version === embedder.version &&
    found.dimensions === embedder.dimensions &&
    found.backgroundCosine === embedder.backgroundCosine;
  if (!same) throw new TilthError("embed/mismatch", { what: `The index ${folder}`, found: nameOf(found), expected: nameOf(embedder) });
}

function nameOf({ id, version, dimensions, backgroundCosine }: Header["embedder"]): string {
  return `${id} ${version} (${dimensions} dimensions, background ${backgroundCosine})`;
}

/** The files that the former header named, and old ones that no header names. */
async function removeOld(folder: string, kept: readonly string[], before: Header | undefined): Promise<void> {
  const replaced: readonly string[] = before === undefined ? [] : [before.base.file, before.changes.file];
  for (const name of await readdir(folder)) {
    if (kept.includes(name) || !/^(?:base|changes|header)-[0-9a-f-]{36}\.(?:bin|tmp)$/.test(name)) continue;
    const path = join(folder, name);
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && (replaced.includes(name) || Date.now() - there.mtimeMs > OLD_MS)) await rm(path, { force: true });
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
