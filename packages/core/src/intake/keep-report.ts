import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Storage } from "../storage/storage.ts";
import type { ImportReport } from "./report.ts";

export interface KeepReportOptions {
  readonly storage: Storage;
  /** Where the refused rows lie, too. */
  readonly folder: string;
  readonly encoding?: string;
  readonly datasetId?: string;
  readonly actor: string;
  readonly atMs: number;
}

/** Keeps the report as a file beside the refused rows, and as a line in the pool's table of imports. */
export async function keepReport(report: ImportReport, options: KeepReportOptions): Promise<void> {
  await mkdir(options.folder, { recursive: true });
  await writeFile(join(options.folder, "report.json"), `${JSON.stringify({ ...report, file: basename(report.file) }, undefined, 2)}\n`, {
    mode: 0o600,
  });
  const kept = {
    uri: report.file,
    sha256: Buffer.from(report.sha256, "hex"),
    format: report.format.name,
    // Lines in their order, which is that of messages; the keys of an object would be sorted.
    map: report.map === undefined ? "{}" : JSON.stringify(report.map),
    encoding: options.encoding ?? null,
    dataset_id: options.datasetId ?? null,
    accepted: report.accepted,
    updated: report.updated,
    duplicate: report.duplicate,
    rejected: report.rejected,
    position: report.sizeBytes,
    actor: options.actor,
    at: options.atMs,
  };
  // An attempt that was cut off after this is made again, and says the same.
  const query = await options.storage.read(async ({ queries }) =>
    queries
      .insertInto("import")
      .values({ id: report.id, ...kept })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(kept))
      .compile(),
  );
  await options.storage.write([[query]]);
}
