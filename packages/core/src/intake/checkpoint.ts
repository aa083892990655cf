import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Counted } from "./earlier-attempts.ts";
import type { Tally } from "./report.ts";

/** How far an import has come at a moment when everything it had read was stored and counted. */
export interface Checkpoint {
  readonly tally: Tally;
  /** How long the list of refused rows was then. */
  readonly rejectedBytes: number;
  readonly counted: Counted;
}

/** What a checkpoint belongs to. */
export interface CheckpointPlace {
  /** The import's own. */
  readonly folder: string;
  readonly rejectedPath: string;
  /** Of the file that is read, where it is known: of another one, nothing may be passed over. */
  readonly sizeBytes?: number;
}

/** Keeps a checkpoint in place of the one before. It may be lost in a power cut: then more is read again. */
export async function keepCheckpoint(place: CheckpointPlace, { tally, ...rest }: Checkpoint): Promise<void> {
  const { kinds, tiers, findings, redacted, refusals, ...counts } = tally;
  const maps = { kinds: [...kinds], tiers: [...tiers], findings: [...findings], redacted: [...redacted], refusals: [...refusals] };
  const text = JSON.stringify({ format: 1, sizeBytes: place.sizeBytes, ...rest, tally: { ...counts, ...maps } });
  const path = pathOf(place);
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** The last checkpoint; undefined where there is none, or none that can be gone on from. */
export async function readCheckpoint(place: CheckpointPlace): Promise<Checkpoint | undefined> {
  const found = checkpointSchema.safeParse(await readJson(pathOf(place)));
  if (!found.success || found.data.sizeBytes !== place.sizeBytes) return undefined;
  const { rejectedBytes, counted, tally } = found.data;
  if (rejectedBytes > 0 && (await sizeOf(place.rejectedPath)) < rejectedBytes) return undefined;
  const { kinds, tiers, findings, redacted, refusals, ...counts } = tally;
  const maps = { kinds: new Map(kinds), tiers: new Map(tiers), findings: new Map(findings), redacted: new Map(redacted) };
  return { rejectedBytes, counted, tally: { ...counts, ...maps, refusals: new Map(refusals) } };
}

/** Takes the checkpoint away, once there is a report. */
export async function removeCheckpoint(place: Pick<CheckpointPlace, "folder">): Promise<void> {
  await rm(pathOf(place), { force: true });
}

const count = z.int().min(0);
const outcomes = z.object({ accepted: count, updated: count, duplicate: count, rejected: count });
const counter = z.array(z.tuple([z.string(), count]));
const refusal = z.object({ reason: z.string(), message: z.string(), count, lines: z.array(count) });

const checkpointSchema = z.object({
  format: z.literal(1),
  sizeBytes: z.optional(count),
  rejectedBytes: count,
  counted: z.object({ lastN: count, atMs: count }),
  tally: z.object({
    read: count,
    rows: outcomes,
    examples: outcomes,
    signals: count,
    conflicts: count,
    trashed: count,
    kinds: counter,
    tiers: counter,
    findings: counter,
    redacted: counter,
    refusals: z.array(z.tuple([z.string(), refusal])),
  }),
});

function pathOf({ folder }: Pick<CheckpointPlace, "folder">): string {
  return join(folder, "checkpoint.json");
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined; // missing, or cut off by a power cut
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
