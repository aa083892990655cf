import type { JobError, Progress } from "@tilth/core";
import type { HeavyCall } from "./operation-runner.ts";

/** What the process of heavy work is started with. */
export interface ProcessOptions {
  readonly folder: string;
  readonly toolVersion: string;
  /** How far others go before it, 0 to 19. */
  readonly niceness: number;
}

/** What is said to the process; `id` names a call. */
export type ToProcess =
  | { readonly kind: "call"; readonly id: number; readonly call: HeavyCall }
  | { readonly kind: "abort"; readonly id: number }
  /** How long heavy work rests at each turn, so that others go first; 0 = not at all. */
  | { readonly kind: "rest"; readonly ms: number };

/** What it says. */
export type FromProcess = { readonly id: number } & (
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "remark"; readonly message: string }
  | { readonly kind: "done"; readonly output: unknown }
  /** `stack` of what should not have happened: for the log. */
  | { readonly kind: "failed"; readonly error: JobError; readonly stack?: string }
);
