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
export { batchCheck, freshnessOf } from "./insight/freshness-texts.ts";
export { listThresholds, setThreshold } from "./insight/freshness-thresholds.ts";
export type { ImportReport, Refusal } from "./intake/report.ts";
export type { OperationHost, OperationInput, OperationName, OperationOutput } from "./operations/call.ts";
export { callOperation, loadOperations } from "./operations/call.ts";
export { refuseOutside } from "./operations/dataset-limit.ts";
export { describeInput, describeOutput } from "./operations/describe.ts";
export type { FolderOperation, Operation, OperationContext, Places, Progress } from "./operations/operation.ts";
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
export type { Finding, Severity } from "./schema/finding.ts";
export type { Json, JsonObject } from "./schema/json.ts";
export type { Manifest } from "./schema/manifest.ts";
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
export { loadByteKernels } from "./text/kernels/load.ts";
export type { OpenOptions, Workspace, WorkspacePaths } from "./workspace.ts";
export { createWorkspace, findWorkspace, openWorkspace, workspacePaths } from "./workspace.ts";
