import { TilthError } from "../errors.ts";
import type { ObjectEntry, Objects } from "../objects/objects.ts";
import type { RefEntry } from "../schema/manifest.ts";
import { refEntrySchema } from "../schema/manifest.ts";
import { nearest } from "../text/nearest.ts";
import type { Clock } from "../text/ulid.ts";
import { systemClock } from "../text/ulid.ts";
import { parseStored } from "./manifest.ts";

/** Which version of a dataset somebody means. */
export type VersionName =
  | { readonly kind: "latest" }
  /** Major.Minor */
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "seq"; readonly seq: number }
  | { readonly kind: "tag"; readonly tag: string }
  /** The members as they are now: no version at all. */
  | { readonly kind: "pool" };

export interface Reference {
  /** Id or name, as it was written. */
  readonly dataset: string;
  readonly branch: string;
  readonly version: VersionName;
}

export interface Branch {
  /** Id of the dataset. */
  readonly dataset: string;
  readonly branch: string;
}

export const mainBranch = "main";

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const YOUNG_MS = 60_000;

/**
 * Reads `dataset`, `dataset@latest`, `dataset@1.4`, `dataset@#42`, `dataset@tag`, `dataset@pool`, and each with a branch: `dataset@branch:1.4`.
 *
 * @throws TilthError `input/invalid` when it is none of these.
 */
export function parseReference(text: string): Reference {
  const at = text.lastIndexOf("@");
  const dataset = (at < 0 ? text : text.slice(0, at)).trim();
  const rest = at < 0 ? "latest" : text.slice(at + 1);
  const colon = rest.indexOf(":");
  const branch = colon < 0 ? mainBranch : rest.slice(0, colon);
  const version = parseVersionName(rest.slice(colon + 1));
  if (dataset !== "" && NAME.test(branch) && version !== undefined) return { dataset, branch, version };
  throw new TilthError("input/invalid", {
    where: JSON.stringify(text),
    problem: "a version is written DATASET@1.4, DATASET@#42, DATASET@latest or DATASET@BRANCH:1.4",
  });
}

/** The reference as {@link parseReference} reads it. */
export function printReference({ dataset, branch, version }: Reference): string {
  return `${dataset}@${branch === mainBranch ? "" : `${branch}:`}${printVersionName(version)}`;
}

/** The key of a ref entry: the first of a listing is the newest revision of the newest version. */
export function refKey({ dataset, branch }: Branch, seq: number, revision = 0): string {
  const number = (10n ** 20n - 1n - BigInt(seq)).toString().padStart(20, "0");
  return `refs/${dataset}/${branch}/${number}-${String(9_999 - revision).padStart(4, "0")}.json`;
}

/**
 * The newest version of a branch; undefined where nothing was committed.
 *
 * @throws TilthError `version/damaged`
 */
export async function headOf(objects: Objects, branch: Branch, clock: Clock = systemClock): Promise<RefEntry | undefined> {
  for await (const entry of listVersions(objects, branch, clock)) return entry;
  return undefined;
}

/**
 * The versions of a branch, newest first, each by its newest revision.
 *
 * @throws TilthError `version/damaged`
 */
export async function* listVersions(objects: Objects, branch: Branch, clock: Clock = systemClock): AsyncIterable<RefEntry> {
  let lastSeq: number | undefined;
  for await (const found of objects.list(`refs/${branch.dataset}/${branch.branch}/`)) {
    const entry = await readRef(objects, found, clock);
    if (entry === undefined || entry.seq === lastSeq) continue;
    lastSeq = entry.seq;
    yield entry;
  }
}

/** Every branch there is, of one dataset or of all, in byte order. */
export async function listBranches(objects: Objects, dataset?: string): Promise<readonly Branch[]> {
  const found = new Map<string, Branch>();
  for await (const { key } of objects.list(dataset === undefined ? "refs/" : `refs/${dataset}/`)) {
    const [, id, branch] = key.split("/");
    if (id !== undefined && branch !== undefined) found.set(`${id}/${branch}`, { dataset: id, branch });
  }
  return [...found.values()];
}

/**
 * Finds the version a reference means.
 *
 * @param reference - Its dataset is an id by now, not a name.
 * @throws TilthError `version/not-found` with the labels there are; `version/ambiguous` for a label that `main` does not have and several
 * other branches do; `version/damaged`.
 */
export async function resolveVersion(objects: Objects, reference: Reference, clock: Clock = systemClock): Promise<RefEntry> {
  const entries = await Array.fromAsync(listVersions(objects, reference, clock));
  const found = entries.find((entry) => isMeant(entry, reference.version));
  if (found !== undefined) return found;
  const { dataset, branch, version } = reference;
  const others = branch === mainBranch && version.kind === "label" ? await branchesWith(objects, reference, clock) : [];
  const name = printVersionName(version);
  if (others.length > 1) {
    throw new TilthError("version/ambiguous", {
      version: name,
      dataset,
      branches: others.join(", "),
      example: `${dataset}@${others[0] ?? ""}:${name}`,
    });
  }
  const [only] = others;
  const hint = only === undefined ? hintOf(entries, reference) : `Branch ${only} has it: ${dataset}@${only}:${name}.`;
  throw new TilthError("version/not-found", { version: branch === mainBranch ? name : `${branch}:${name}`, dataset, hint });
}

function parseVersionName(text: string): VersionName | undefined {
  if (text === "latest") return { kind: "latest" };
  if (text === "pool") return { kind: "pool" };
  if (/^\d{1,9}\.\d{1,9}$/.test(text)) return { kind: "label", label: text };
  if (/^#[1-9]\d{0,14}$/.test(text)) return { kind: "seq", seq: Number(text.slice(1)) };
  return NAME.test(text) ? { kind: "tag", tag: text } : undefined;
}

function printVersionName(version: VersionName): string {
  switch (version.kind) {
    case "latest":
    case "pool":
      return version.kind;
    case "label":
      return version.label;
    case "seq":
      return `#${version.seq}`;
    case "tag":
      return version.tag;
  }
}

function isMeant(entry: RefEntry, version: VersionName): boolean {
  switch (version.kind) {
    case "latest":
      return true;
    case "label":
      return entry.label === version.label;
    case "seq":
      return entry.seq === version.seq;
    case "tag":
    case "pool":
      return false;
  }
}

async function branchesWith(objects: Objects, { dataset, version }: Reference, clock: Clock): Promise<readonly string[]> {
  const names: string[] = [];
  for (const branch of await listBranches(objects, dataset)) {
    const entries = await Array.fromAsync(listVersions(objects, branch, clock));
    if (branch.branch !== mainBranch && entries.some((entry) => isMeant(entry, version))) names.push(branch.branch);
  }
  return names;
}

function hintOf(entries: readonly RefEntry[], { dataset, version }: Reference): string {
  const labels = entries.map((entry) => entry.label);
  if (labels.length === 0) return `Nothing is committed there yet: run \`tilth commit ${dataset}\`.`;
  const near = nearest(printVersionName(version), labels);
  const some = labels.slice(0, 8).join(", ");
  const there = `There ${labels.length === 1 ? "is" : "are"} ${some}${labels.length > 8 ? " and older ones" : ""}.`;
  return near === undefined ? there : `Did you mean ${near}? ${there}`;
}

/** Undefined for an entry that another writer may not have finished: only file systems without hard links show such a one. */
async function readRef(objects: Objects, found: ObjectEntry, clock: Clock): Promise<RefEntry | undefined> {
  try {
    const entry = parseStored(await objects.get(found.key), found.key, refEntrySchema);
    if (found.key.endsWith(refKey({ dataset: "", branch: "" }, entry.seq, entry.revision).slice("refs///".length))) return entry;
    throw new TilthError("version/damaged", { object: found.key, problem: "its name and its number do not belong together" });
  } catch (cause) {
    const young = clock.nowMs() - found.modified < YOUNG_MS;
    if (young && cause instanceof TilthError && cause.code === "version/damaged") return undefined;
    throw cause;
  }
}
