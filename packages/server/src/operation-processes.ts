import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { TilthError } from "@tilth/core";
import type { FromProcess, ProcessOptions, ToProcess } from "./operation-messages.ts";
import type { Listening, Runner } from "./operation-runner.ts";
import { errorOf } from "./operation-runner.ts";

export interface OperationProcessesOptions {
  /** The workspace. */
  readonly folder: string;
  readonly toolVersion: string;
  /** True while requests are to go first. */
  readonly isBusy: () => boolean;
  readonly log: { error(facts: object, message: string): void };
}

type Kind = "job" | "aside";

/** A process that nobody needs keeps what it has loaded for a while: the next call begins sooner. */
const idleMs = { job: 30_000, aside: 60_000 } as const;
const niceness = { job: 10, aside: 5 } as const;
/** What was told to stop and does not is killed. */
const STUBBORN_MS = 5_000;
const LOOK_MS = 250;
/** The longest rest at one time: however busy the server is, heavy work gets on. */
const LONGEST_REST_MS = 1_000;
const SHORTEST_REST_MS = 20;
const SHORTER = 0.9;

/** Carries out heavy calls in processes of their own, started when they are needed: one for each job, one for all that somebody waits for. */
export function openOperationProcesses(options: OperationProcessesOptions): Runner {
  const helpers = new Set<Helper>();
  let problem: string | undefined;
  let restMs = 0;
  let isClosed = false;
  let watch: NodeJS.Timeout | undefined;

  function free(kind: Kind): Helper {
    const found = [...helpers].find((helper) => helper.kind === kind && (kind === "aside" || helper.calls() === 0));
    if (found !== undefined) return found;
    const helper = startHelper(kind, options, {
      ended: (reason) => {
        helpers.delete(helper);
        problem = reason ?? problem;
      },
      alive: () => (problem = undefined),
    });
    helpers.add(helper);
    return helper;
  }

  /** While jobs run: how long they are to rest at each turn. Longer at once, shorter by and by, so that it comes to what requests can bear. */
  function look(): void {
    if (options.isBusy()) restMs = Math.min(LONGEST_REST_MS, Math.max(2 * SHORTEST_REST_MS, restMs * 2));
    else restMs = restMs < SHORTEST_REST_MS ? 0 : restMs * SHORTER;
    let underWay = 0;
    for (const helper of helpers) {
      if (helper.kind !== "job") continue;
      helper.rest(restMs);
      underWay += helper.calls();
    }
    if (underWay > 0) return;
    clearInterval(watch);
    watch = undefined;
  }

  return {
    async call(kind, call, listening) {
      listening.signal.throwIfAborted();
      if (isClosed) throw new TilthError("job/process-ended", { reason: "the server is being stopped" });
      const answer = free(kind).call({ call, listening });
      if (kind === "job") watch ??= setInterval(look, LOOK_MS).unref();
      return answer;
    },
    problem: () => problem,
    async close() {
      isClosed = true;
      clearInterval(watch);
      await Promise.all([...helpers].map((helper) => helper.end()));
    },
  };
}

interface Helper {
  readonly kind: Kind;
  /** How many calls are under way. */
  calls(): number;
  call(given: { readonly call: Extract<ToProcess, { kind: "call" }>["call"]; readonly listening: Listening }): Promise<unknown>;
  rest(ms: number): void;
  /** Resolves when the process is gone. */
  end(): Promise<void>;
}

interface Events {
  /** With the reason where it had not said anything yet. */
  readonly ended: (reason?: string) => void;
  readonly alive: () => void;
}

interface Pending {
  readonly answer: PromiseWithResolvers<unknown>;
  readonly listening: Listening;
}

function startHelper(kind: Kind, { folder, toolVersion, log }: OperationProcessesOptions, events: Events): Helper {
  const child = start({ folder, toolVersion, niceness: niceness[kind] });
  const pending = new Map<number, Pending>();
  const gone = once(child, "exit").catch(() => undefined);
  let last = 0;
  let rests = 0;
  let isAlive = false;
  let idle: NodeJS.Timeout | undefined;

  function say(message: ToProcess): void {
    child.send(message, (error) => {
      if (error !== null) fall(error.message);
    });
  }

  /** Nothing more is to be expected of it. */
  function fall(reason: string): void {
    clearTimeout(idle);
    events.ended(isAlive ? undefined : reason);
    for (const { answer, listening } of pending.values())
      answer.reject(listening.signal.aborted ? listening.signal.reason : new TilthError("job/process-ended", { reason }));
    pending.clear();
    child.kill("SIGKILL");
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    events.ended();
    if (child.connected) child.disconnect();
    const stubborn = setTimeout(() => child.kill("SIGKILL"), STUBBORN_MS);
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) await gone;
    clearTimeout(stubborn);
  }

  function hear(message: FromProcess): void {
    isAlive = true;
    events.alive();
    const { answer, listening } = pending.get(message.id) ?? {};
    switch (message.kind) {
      case "progress":
        listening?.progress?.(message.progress);
        return;
      case "remark":
        listening?.remark?.(message.message);
        return;
      case "done":
      case "failed":
        if (message.kind === "done") answer?.resolve(message.output);
        else answer?.reject(errorOf(message.error));
        if (message.kind === "failed" && message.stack !== undefined) log.error({ stack: message.stack }, "a heavy operation failed");
    }
  }

  child.on("message", hear);
  child.on("exit", (code, signal) => fall(signal === null ? `it ended with ${code}` : `it was ended by ${signal}`));
  child.on("error", (error) => fall(error.message));
  return {
    kind,
    calls: () => pending.size,
    async call({ call, listening }) {
      clearTimeout(idle);
      const id = ++last;
      const answer = Promise.withResolvers<unknown>();
      pending.set(id, { answer, listening });
      let stubborn: NodeJS.Timeout | undefined;
      const stop = (): void => {
        say({ kind: "abort", id });
        // Others are served by the process of what somebody waits for: it lives on, and the answer is not waited for.
        if (kind === "aside") answer.reject(listening.signal.reason);
        else stubborn = setTimeout(() => child.kill("SIGKILL"), STUBBORN_MS);
      };
      listening.signal.addEventListener("abort", stop, { once: true });
      say({ kind: "call", id, call });
      try {
        return await answer.promise;
      } finally {
        clearTimeout(stubborn);
        listening.signal.removeEventListener("abort", stop);
        pending.delete(id);
        if (pending.size === 0 && child.connected) idle = setTimeout(() => void end(), idleMs[kind]).unref();
      }
    },
    rest(ms) {
      if (ms === rests) return;
      rests = ms;
      say({ kind: "rest", ms });
    },
    end,
  };
}

/** Started from its source where this file is one, else from what was built. Flags of this process are not for every file, so it gets its own. */
function start(options: ProcessOptions): ChildProcess {
  const isSource = import.meta.url.endsWith(".ts");
  const flags = [
    "--disable-warning=ExperimentalWarning",
    // New objects of an import are garbage at once: more room for them makes the process larger and nothing faster.
    "--max-semi-space-size=16",
    // V8 13.6 crashes now and then where it compiles the passage from WebAssembly to JavaScript anew in a thread.
    "--wasm-wrapper-tiering-budget=1000000000",
  ];
  return fork(new URL(`./operation-process.${isSource ? "ts" : "js"}`, import.meta.url), [JSON.stringify(options)], {
    execArgv: isSource ? ["--conditions=tilth-source", ...flags] : flags,
    // What it prints is for the log of this process: its output may be read by a program.
    stdio: ["ignore", 2, 2, "ipc"],
    windowsHide: true,
  });
}
