export type { ErrorCode, ErrorKind } from "../errors.ts";
export { isTilthError, TilthError } from "../errors.ts";
export type { OperationInput, OperationName, OperationOutput } from "../operations/call.ts";
export type { Progress } from "../schema/progress.ts";
export type { ClientBody } from "./body.ts";
export type { CallOptions, ClientInput, ClientOptions, FileCallOptions, FileOperationName, TilthClient } from "./client.ts";
export { createClient } from "./client.ts";
export type { Download, DownloadOptions, Exported } from "./download.ts";
export type { EventsOptions, LiveEvent } from "./events.ts";
