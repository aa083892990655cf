import type { Failure } from "./sqlite-errors.ts";
import type { Statement, StatementResult } from "./sqlite-statements.ts";

/** What the thread of long reads is asked. */
export interface AsideRequest {
  readonly call: number;
  /** Each read under way has a connection of its own. */
  readonly connection: number;
  /** The first one begins the snapshot; absent = it ends, which is not answered. */
  readonly statement?: Statement;
  /** The connection ends with it: of a read that failed, statements may still be on their way. */
  readonly isLast?: true;
}

export type AsideReply = { readonly call: number; readonly answer: StatementResult } | { readonly call: number; readonly failure: Failure };

/** In place of a connection: all of them, and the thread with them. */
export const ALL = -1;

/** What the thread is started with. */
export interface AsideOptions {
  readonly path: string;
  readonly busyTimeoutMs: number;
}
