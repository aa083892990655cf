// The process of heavy work, which `operation-processes.ts` starts: it opens the workspace, makes one call after another, and ends with its parent.
import { readdirSync } from "node:fs";
import { setPriority } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { Progress, Workspace } from "@tilth/core";
import { isTilthError, openWorkspace } from "@tilth/core";
import type { FromProcess, ProcessOptions, ToProcess } from "./operation-messages.ts";
import type { HeavyCall } from "./operation-runner.ts";
import { failureOf, performCall } from "./operation-runner.ts";
import { isAbort } from "./request-body.ts";

/** How often a reader of progress is told. */
const PROGRESS_MS = 100;
const FEED_MS = 100;
/** What still goes on after this is cut off: storage holds nothing that a cut could damage. */
const FAREWELL_MS = 3_000;

const options: ProcessOptions = JSON.parse(process.argv[2] ?? "{}");
const calls = new Map<number, { readonly stop: AbortController; readonly over: Promise<void> }>();
let workspace: Promise<Workspace> | undefined;
let restMs = 0;
const leaving = new AbortController();

lowerPriority(options.niceness);
process.on("message", hear);
process.once("disconnect", () => void leave());
// A terminal and a service manager tell all processes of a group to stop: what is to become of the work, the parent decides.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);

function hear(message: ToProcess): void {
  switch (message.kind) {
    case "call": {
      const stop = new AbortController();
      const over = perform(message.id, message.call, stop.signal).finally(() => {
        calls.delete(message.id);
        void feedSearch();
      });
      calls.set(message.id, { stop, over });
      return;
    }
    case "abort":
      calls.get(message.id)?.stop.abort();
      return;
    case "rest":
      restMs = message.ms;
  }
}

async function perform(id: number, call: HeavyCall, signal: AbortSignal): Promise<void> {
  const progress = latest((given: Progress) => say({ kind: "progress", id, progress: given }));
  const remark = (message: string): void => say({ kind: "remark", id, message });
  try {
    const output = await performCall(await open(), call, { signal, progress: progress.tell, remark, turn });
    progress.flush();
    say({ kind: "done", id, output });
  } catch (error) {
    progress.flush();
    const isKnown = isTilthError(error) || isAbort(error);
    say({ kind: "failed", id, error: failureOf(error), ...(isKnown || !(error instanceof Error) ? {} : { stack: error.stack ?? "" }) });
  }
}

/** Brings the search index up to what the work changed, as long as there is nothing else to do: in the server it would take time from requests. */
async function feedSearch(): Promise<void> {
  try {
    const storage = await (await workspace)?.storage();
    for (let pending = 1; storage !== undefined && pending > 0 && calls.size === 0 && !leaving.signal.aborted;) {
      await turn();
      ({ pending } = await storage.feedSearch(FEED_MS));
    }
  } catch {
    // searches do it, too, and say what is wrong
  }
}

async function open(): Promise<Workspace> {
  const { folder, toolVersion } = options;
  workspace ??= openWorkspace(folder, { toolVersion });
  try {
    return await workspace;
  } catch (error) {
    workspace = undefined; // what was in the way may be gone at the next call
    throw error;
  }
}

async function turn(): Promise<void> {
  if (restMs > 0) await wait(restMs, undefined, { signal: leaving.signal }).catch(() => undefined);
}

/** Ends with the parent, or when the parent has no more to do. */
async function leave(): Promise<void> {
  setTimeout(() => process.exit(), FAREWELL_MS).unref();
  leaving.abort();
  for (const { stop } of calls.values()) stop.abort();
  await Promise.all([...calls.values()].map(({ over }) => over));
  await (await workspace?.catch(() => undefined))?.close();
  process.exit();
}

function say(message: FromProcess): void {
  // A parent that is gone hears nothing; `disconnect` says the same.
  if (process.connected) process.send?.(message, () => undefined);
}

/** Tells the newest value now and then, and the last one when asked to. */
function latest<T>(tell: (value: T) => void): { readonly tell: (value: T) => void; readonly flush: () => void } {
  let held: { readonly value: T } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (held === undefined) return;
    const { value } = held;
    held = undefined;
    tell(value);
  };
  return {
    flush,
    tell(value) {
      held = { value };
      timer ??= setTimeout(flush, PROGRESS_MS);
    },
  };
}

/** The threads that Node has started before this one ran have a priority of their own, where the system tells of them. */
function lowerPriority(niceness: number): void {
  try {
    setPriority(niceness);
    for (const thread of readdirSync("/proc/self/task")) setPriority(Number(thread), niceness);
  } catch {
    // where it is refused, the work is as important as everything else
  }
}
