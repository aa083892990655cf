import { Worker } from "node:worker_threads";
import { workerUrl } from "../asset.ts";
import type { Failure } from "./sqlite-errors.ts";
import { storageError } from "./sqlite-errors.ts";
import type { Answers, Hello, Reply, Request, Step, Unit, WriterOptions } from "./sqlite-messages.ts";
import type { Statement, StatementResult } from "./sqlite-statements.ts";

/** The writer thread as this thread sees it. */
export interface Writer {
  readonly id: string;
  readonly schemaVersion: number;
  /** Resolves after the durable commit of the unit. */
  send<K extends Unit["kind"]>(unit: Extract<Unit, { readonly kind: K }>): Promise<Answers[K]>;
  step(step: Exclude<Step, { readonly kind: "query" | "close" }>): Promise<void>;
  query(statement: Statement): Promise<StatementResult>;
  /** Ends after all that was sent before. */
  close(): Promise<void>;
  /** Ends at once, as a crash would. */
  terminate(): Promise<void>;
}

/**
 * Starts the thread that owns the write connection, and waits until the pool is open.
 *
 * The thread keeps the process alive only while a call waits for it.
 *
 * @throws {@link TilthError} `storage/…` when the pool cannot be opened.
 */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  // Not the flags of the process: `--input-type`, `--eval` and their like are not for a file.
  const worker = new Worker(workerUrl(import.meta.url, "./sqlite-writer"), { workerData: options, execArgv: [] });
  const calls = createCalls(worker, options.path);
  const opened = await hello(worker, options.path);
  worker.on("message", (replies: readonly Reply[]) => calls.settle(replies));
  worker.unref();

  return {
    ...opened,
    send: (unit) => calls.send(unit),
    step: (step) => calls.send(step),
    query: (statement) => calls.send({ kind: "query", statement }),
    async close() {
      await calls.send({ kind: "close" });
      worker.ref();
      await calls.stopped;
    },
    async terminate() {
      await worker.terminate();
    },
  };
}

/**
 * A writer of a pool that is known already: its thread starts with the first call, so that whoever only reads does without, and ends when
 * nobody has called for `idleMs`: only then is all the memory given back that it took.
 *
 * @param first - A thread that runs already.
 */
export function startWhenNeeded(
  { id, schemaVersion }: Pick<Writer, "id" | "schemaVersion">,
  options: WriterOptions,
  first?: Writer,
): Writer {
  let running = first;
  let starting: Promise<Writer> | undefined;
  let resting: Promise<void> | undefined;
  let idle: NodeJS.Timeout | undefined;
  let calls = 0;
  /** Transactions and loads that are led from here: they belong to the thread in which they began. */
  let led = 0;
  if (first !== undefined) idle = setTimeout(rest, options.idleMs).unref();

  async function start(): Promise<Writer> {
    try {
      running = await (starting ??= startWriter(options));
      return running;
    } finally {
      starting = undefined; // what was in the way may be gone at the next call
    }
  }

  async function call<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    clearTimeout(idle);
    calls++;
    try {
      return await work(running ?? (await start()));
    } finally {
      if (--calls === 0 && led === 0) idle = setTimeout(rest, options.idleMs).unref();
    }
  }

  function rest(): void {
    // Whatever it was acknowledged for is durable; a thread that cannot be closed has ended.
    resting = running?.close().catch(() => undefined);
    running = undefined;
  }

  return {
    id,
    schemaVersion,
    send: (unit) => call((writer) => writer.send(unit)),
    query: (statement) => call((writer) => writer.query(statement)),
    step: (step) =>
      call(async (writer) => {
        const begins = step.kind === "begin" || step.kind === "begin-bulk";
        if (!begins) led = Math.max(0, led - 1);
        await writer.step(step);
        if (begins) led++;
      }),
    async close() {
      clearTimeout(idle);
      const last = running ?? (await starting?.catch(() => undefined));
      await Promise.all([resting, last?.close()]);
    },
    async terminate() {
      clearTimeout(idle);
      await (running ?? (await starting?.catch(() => undefined)))?.terminate();
    },
  };
}

function hello(worker: Worker, path: string): Promise<{ readonly id: string; readonly schemaVersion: number }> {
  return new Promise((resolve, reject) => {
    worker.once("error", (cause) => reject(stopped(path, cause)));
    worker.once("exit", () => reject(stopped(path, undefined)));
    worker.once("message", (message: Hello) => {
      if ("opened" in message) resolve(message.opened);
      else reject(storageError(path, message.failure));
    });
  });
}

interface Calls {
  send<Result>(work: Unit | Step): Promise<Result>;
  settle(replies: readonly Reply[]): void;
  /** Resolves when the thread has ended, however it did. */
  readonly stopped: Promise<void>;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

function createCalls(worker: Worker, path: string): Calls {
  const waiting = new Map<number, Waiting>();
  let outbox: Request[] = [];
  let lastCall = 0;
  let end: Error | undefined;
  let crash: unknown;

  worker.on("error", (cause) => {
    crash = cause;
  });
  const whenStopped = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      end = stopped(path, crash);
      for (const call of waiting.values()) call.reject(end);
      waiting.clear();
      resolve();
    });
  });

  return { send, settle, stopped: whenStopped };

  function send<Result>(work: Unit | Step): Promise<Result> {
    if (end !== undefined) return Promise.reject(end);
    return new Promise((resolve, reject) => {
      if (waiting.size === 0) worker.ref();
      const call = ++lastCall;
      waiting.set(call, { resolve: (answer) => isAnswer<Result>(answer) && resolve(answer), reject });
      outbox.push({ call, work });
      // What callers ask for in one turn of the event loop travels in one message.
      if (outbox.length === 1) queueMicrotask(post);
    });
  }

  function post(): void {
    const requests = outbox;
    outbox = [];
    worker.postMessage(requests);
  }

  function settle(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const call = waiting.get(reply.call);
      waiting.delete(reply.call);
      if ("failure" in reply) call?.reject(storageError(path, reply.failure));
      else call?.resolve(reply.answer);
    }
    if (waiting.size === 0) worker.unref();
  }
}

function stopped(path: string, cause: unknown): Error {
  const failure: Failure = { code: "storage/writer-stopped", reason: cause === undefined ? "it was ended" : "it failed" };
  return storageError(path, failure, cause);
}

/** The writer answers each kind of work with that kind's answer: `Answers`, by the types of `runUnit` and `take`. */
function isAnswer<Result>(_answer: unknown): _answer is Result {
  return true;
}
