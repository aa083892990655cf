export type { AuditFacts, AuditKind } from "./access/audit-entry.ts";
export { auditEntryOf, auditFactsOf, auditFactsOfOutput, auditKindOf, isAudited } from "./access/audit-entry.ts";
export { createSignInLink, endSession, identifySession, redeemSignInLink, startSession } from "./access/sessions.ts";
export type { StartedSession } from "./access/sessions.ts";
export type { Identity } from "./access/identity.ts";
export { noteUse } from "./access/identity.ts";
export { identifyKey } from "./access/keys.ts";
export { changeOwnPassword, checkSignIn } from "./access/sign-in.ts";
export { createThrottle } from "./access/throttle.ts";
export type { Throttle } from "./access/throttle.ts";
export type { UserSummary } from "./access/users.ts";
export { hasCredentials } from "./access/users.ts";
export type { IncomingFile, ReceiveOptions } from "./dataset/receive.ts";
export { receiveCheckout, receiveExport } from "./dataset/receive.ts";
export type { OpenEmbedderOptions } from "./embed/choose.ts";
export { openEmbedder } from "./embed/choose.ts";
export { openEndpointEmbedder } from "./embed/endpoint.ts";
export { hashEmbedder } from "./embed/hash.ts";
export { openStaticEmbedder } from "./embed/static.ts";
export type { DedupeReport, DedupeRequest } from "./enhance/dedupe.ts";
export { dedupe } from "./enhance/dedupe.ts";
export { findSemanticPairs } from "./enhance/dedupe-semantic.ts";
export { undoDedupe } from "./enhance/dedupe-undo.ts";
export type { ErrorCode, ErrorDetails, ErrorKind } from "./errors.ts";
export { errorCodes, isTilthError, TilthError } from "./errors.ts";
export { fileSource, standardInput, streamSource } from "./files/source.ts";
export type { Format } from "./formats/format.ts";
export { formats } from "./formats/list.ts";
export { checkFreshness } from "./insight/freshness-check.ts";
export { similarExamples } from "./insight/freshness-similar.ts";
export { batchCheck, freshnessOf, readTexts } from "./insight/freshness-texts.ts";
export { listThresholds, setThreshold } from "./insight/freshness-thresholds.ts";
export type { RejectedEvent } from "./intake/capture-arrivals.ts";
export type { CapturedEvents, CaptureFigures } from "./intake/capture.ts";
export { readEvents } from "./intake/event-batches.ts";
export { lookIntoSpool } from "./intake/spool-left.ts";
export type { ImportReport, Refusal } from "./intake/report.ts";
export type { ClaimedJob, ClaimOptions, JobOutcome, RenewOptions } from "./jobs/hold.ts";
export { claimJob, endJob, releaseJobsOf, renewJob } from "./jobs/hold.ts";
export type { Job, JobBody, JobError, JobStatus, ShownJob } from "./jobs/job.ts";
export { jobErrorSchema, jobSchema, jobStatuses, progressSchema, showJob } from "./jobs/job.ts";
export type { JobListOptions, JobPage, NewJob } from "./jobs/jobs.ts";
export { cancelJob, countJobs, createJob, findJob, listJobs, retryJob, sweepJobs } from "./jobs/jobs.ts";
export type { OperationHost, OperationInput, OperationName, OperationOutput } from "./operations/call.ts";
export { callOperation, findOperation, loadOperations } from "./operations/call.ts";
export { claimRevision } from "./operations/claim-revision.ts";
export { refuseOutside } from "./operations/dataset-limit.ts";
export { describeInput, describeOutput } from "./operations/describe.ts";
export type { FolderOperation, JobAttempt, Operation, OperationContext, Places } from "./operations/operation.ts";
export type {
  Chat,
  Classification,
  Content,
  Extraction,
  Item,
  Kind,
  Labels,
  Message,
  Preference,
  Rating,
  Role,
  Span,
  Steps,
  Text,
  Tool,
  ToolCall,
} from "./schema/content.ts";
export { contentSchema } from "./schema/content.ts";
export type { Decision } from "./schema/decision.ts";
export { decisionSchema } from "./schema/decision.ts";
export type { Engagement, Example, NewExample, Quality, Tier } from "./schema/example.ts";
export { exampleSchema, newExampleSchema } from "./schema/example.ts";
export type { Embedder } from "./schema/embedder.ts";
export type { ByteSource } from "./schema/file-kind.ts";
export type { CaptureEvent } from "./schema/event.ts";
export { eventSchema } from "./schema/event.ts";
export type { Finding, Severity } from "./schema/finding.ts";
export type { Json, JsonObject } from "./schema/json.ts";
export type { Manifest } from "./schema/manifest.ts";
export type { Progress } from "./schema/progress.ts";
export type { Role as UserRole, Scope } from "./schema/scope.ts";
export { roles, scopes, scopesOfRole } from "./schema/scope.ts";
export type { Signal } from "./schema/signal.ts";
export { signalSchema } from "./schema/signal.ts";
export { createContaminationSearch } from "./similarity/contamination.ts";
export { findExactDuplicates, survivorOrder, textKey, textKeys } from "./similarity/exact.ts";
export type { FreshnessIndex } from "./similarity/freshness.ts";
export { createFreshnessIndex, openFreshnessIndex } from "./similarity/freshness.ts";
export type { NearDuplicates, NearOptions } from "./similarity/near.ts";
export { findNearDuplicates } from "./similarity/near.ts";
export { findNearInFile } from "./similarity/near-file.ts";
export { createNearIndex } from "./similarity/near-index.ts";
export { nearestVectors, similarPairs } from "./similarity/semantic.ts";
export { isPoolInUse } from "./storage/in-use.ts";
export { loadByteKernels } from "./text/kernels/load.ts";
export type { OpenOptions, Workspace, WorkspacePaths } from "./workspace.ts";
export { createWorkspace, findWorkspace, openWorkspace, workspacePaths } from "./workspace.ts";
