import { z } from "zod";
import type { Manifest, RefEntry } from "../schema/manifest.ts";

/** A version as lists and commits show it. */
export interface VersionSummary {
  readonly dataset: string;
  readonly branch: string;
  readonly label: string;
  readonly seq: number;
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly bytes: number;
  /** Bytes this version put into the store; the rest it shares with others. */
  readonly addedBytes: number;
  readonly chunks: number;
  readonly op: string;
  readonly at: string;
  readonly by: string;
  readonly message: string;
  /** SHA-256 of the manifest: the version's checksum. */
  readonly manifest: string;
}

const count = z.int().min(0);

/** The members of a {@link VersionSummary}, to be extended. */
export const versionSummaryShape = {
  dataset: z.string(),
  branch: z.string(),
  label: z.string(),
  seq: z.int().min(1),
  rows: count,
  added: count,
  changed: count,
  removed: count,
  bytes: count,
  addedBytes: count,
  chunks: count,
  op: z.string(),
  at: z.string(),
  by: z.string(),
  message: z.string(),
  manifest: z.string(),
} as const;

/** Takes from ref and manifest what a person wants to see of a version. */
export function summarizeVersion(entry: RefEntry, manifest: Manifest): VersionSummary {
  const { stats, provenance } = manifest;
  return {
    dataset: manifest.dataset,
    branch: manifest.branch,
    label: manifest.label,
    seq: manifest.seq,
    rows: manifest.rows,
    added: stats.added,
    changed: stats.changed,
    removed: stats.removed,
    bytes: stats.bytes,
    addedBytes: stats.addedBytes,
    chunks: manifest.pages.reduce((sum, page) => sum + page.chunks, 0),
    op: manifest.op.kind,
    at: provenance.at,
    by: provenance.by,
    message: provenance.message,
    manifest: entry.manifest,
  };
}
