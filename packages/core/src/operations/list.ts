import { listAudit } from "./audit-list.ts";
import { verifyAudit } from "./audit-verify.ts";
import { createDataset } from "./dataset-create.ts";
import { readDataset } from "./dataset-data.ts";
import { deleteDataset } from "./dataset-delete.ts";
import { enhanceDataset } from "./dataset-enhance.ts";
import { exportDataset } from "./dataset-export.ts";
import { importDataset } from "./dataset-import.ts";
import { listDatasets } from "./dataset-list.ts";
import { restoreDataset } from "./dataset-restore.ts";
import { showDataset } from "./dataset-show.ts";
import { uploadDataset } from "./dataset-upload.ts";
import { validateDataset } from "./dataset-validate.ts";
import { listDuplicates } from "./duplicate-list.ts";
import { suggestDuplicates } from "./duplicate-suggest.ts";
import { undoDuplicates } from "./duplicate-undo.ts";
import { captureEvents } from "./event-capture.ts";
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
import { cancelJob } from "./job-cancel.ts";
import { listJobs } from "./job-list.ts";
import { retryJob } from "./job-retry.ts";
import { showJob } from "./job-show.ts";
import { createKey } from "./key-create.ts";
import { listKeys } from "./key-list.ts";
import { revokeKey } from "./key-revoke.ts";
import { poolChanges } from "./pool-changes.ts";
import { poolStats } from "./pool-stats.ts";
import { checkTexts } from "./text-check.ts";
import { listThresholds } from "./threshold-list.ts";
import { setThreshold } from "./threshold-set.ts";
import { createUser } from "./user-create.ts";
import { listUsers } from "./user-list.ts";
import { setUserPassword } from "./user-password.ts";
import { removeUser } from "./user-remove.ts";
import { updateUser } from "./user-update.ts";
import { checkoutVersion } from "./version-checkout.ts";
import { createVersion } from "./version-create.ts";
import { diffVersions } from "./version-diff.ts";
import { listVersions } from "./version-list.ts";
import { showVersion } from "./version-show.ts";
import { verifyVersions } from "./version-verify.ts";
import { backupWorkspace } from "./workspace-backup.ts";
import { doctorWorkspace } from "./workspace-doctor.ts";
import { workspaceHealth } from "./workspace-health.ts";
import { initWorkspace } from "./workspace-init.ts";
import { repairWorkspace } from "./workspace-repair.ts";
import { showWorkspace } from "./workspace-show.ts";

/** Every verb of the product, once. The command line, and later REST, MCP and the typed client, are made of this list. */
export const operations = [
  initWorkspace,
  showWorkspace,
  importExamples,
  addExample,
  captureEvents,
  poolStats,
  poolChanges,
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
  uploadDataset,
  importDataset,
  readDataset,
  validateDataset,
  enhanceDataset,
  deleteDataset,
  restoreDataset,
  createVersion,
  listVersions,
  showVersion,
  diffVersions,
  verifyVersions,
  checkoutVersion,
  exportDataset,
  workspaceHealth,
  doctorWorkspace,
  repairWorkspace,
  backupWorkspace,
  listJobs,
  showJob,
  cancelJob,
  retryJob,
  createKey,
  listKeys,
  revokeKey,
  createUser,
  listUsers,
  updateUser,
  removeUser,
  setUserPassword,
  listAudit,
  verifyAudit,
] as const;
