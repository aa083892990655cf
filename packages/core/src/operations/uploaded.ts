import { z } from "zod";
import type { ImportReport } from "../intake/report.ts";
import { importReportSchema } from "../intake/report.ts";
import type { Workspace } from "../workspace.ts";
import type { ImportInput } from "./example-import.ts";
import { importInto } from "./example-import.ts";
import type { OperationContext } from "./operation.ts";
import type { CreatedVersion } from "./version-create.ts";
import { createVersion } from "./version-create.ts";

/** What came of records that were brought into a dataset. */
export interface UploadedDataset {
  /** The dataset's id. */
  readonly dataset: string;
  readonly report: ImportReport;
  /** The version that holds them; absent where nothing came in, and where it was only tried. */
  readonly version?: CreatedVersion;
}

export const uploadedDatasetSchema: z.ZodType<UploadedDataset> = z.object({
  dataset: z.string(),
  report: importReportSchema,
  version: z.exactOptional(createVersion.output),
});

/** Imports records into a dataset that is there and freezes what it holds then. */
export async function uploadInto(
  workspace: Workspace,
  { dataset, message, ...given }: Omit<ImportInput, "dataset"> & { readonly dataset: string; readonly message: string },
  context: OperationContext,
  attempt: { readonly isResumed: boolean },
): Promise<UploadedDataset> {
  const report = await importInto(workspace, { ...given, dataset }, context, attempt);
  const cameIn = report.accepted + report.updated + report.duplicate;
  if (given.dryRun || cameIn === 0 || report.stopped === true) return { dataset, report };
  const version = await createVersion.run(workspace, createVersion.input.parse({ dataset, message }), context);
  return { dataset, report, version };
}
