import { createDataset } from "./dataset-create.ts";
import { deleteDataset } from "./dataset-delete.ts";
import { exportDataset } from "./dataset-export.ts";
import { listDatasets } from "./dataset-list.ts";
import { restoreDataset } from "./dataset-restore.ts";
import { showDataset } from "./dataset-show.ts";
import { listDuplicates } from "./duplicate-list.ts";
import { suggestDuplicates } from "./duplicate-suggest.ts";
import { undoDuplicates } from "./duplicate-undo.ts";
import { addExample } from "./example-add.ts";
import { dedupeExamples } from "./example-dedupe.ts";
import { editExample } from "./example-edit.ts";
import { historyOfExample } from "./example-history.ts";
import { importExamples } from "./example-import.ts";
import { listExamples } from "./example-list.ts";
import { restoreExamples } from "./example-restore.ts";
import { searchExamples } from "./example-search.ts";
import { showExample } from "./example-show.ts";
import { findSimilar } from "./example-similar.ts";
import { tagExamples } from "./example-tag.ts";
import { trashExamples } from "./example-trash.ts";
import { undoExample } from "./example-undo.ts";
import { checkFreshness } from "./freshness-check.ts";
import { poolStats } from "./pool-stats.ts";
import { checkTexts } from "./text-check.ts";
import { listThresholds } from "./threshold-list.ts";
import { setThreshold } from "./threshold-set.ts";
import { checkoutVersion } from "./version-checkout.ts";
import { createVersion } from "./version-create.ts";
import { diffVersions } from "./version-diff.ts";
import { listVersions } from "./version-list.ts";
import { showVersion } from "./version-show.ts";
import { verifyVersions } from "./version-verify.ts";
import { backupWorkspace } from "./workspace-backup.ts";
import { doctorWorkspace } from "./workspace-doctor.ts";
import { initWorkspace } from "./workspace-init.ts";
import { repairWorkspace } from "./workspace-repair.ts";
import { showWorkspace } from "./workspace-show.ts";

/** Every verb of the product, once. The command line, and later REST, MCP and the typed client, are made of this list. */
export const operations = [
  initWorkspace,
  showWorkspace,
  importExamples,
  addExample,
  poolStats,
  listExamples,
  searchExamples,
  showExample,
  findSimilar,
  editExample,
  historyOfExample,
  undoExample,
  tagExamples,
  trashExamples,
  restoreExamples,
  dedupeExamples,
  listDuplicates,
  suggestDuplicates,
  undoDuplicates,
  checkFreshness,
  checkTexts,
  listThresholds,
  setThreshold,
  createDataset,
  listDatasets,
  showDataset,
  deleteDataset,
  restoreDataset,
  createVersion,
  listVersions,
  showVersion,
  diffVersions,
  verifyVersions,
  checkoutVersion,
  exportDataset,
  doctorWorkspace,
  repairWorkspace,
  backupWorkspace,
] as const;
