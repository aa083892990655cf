import { Worker } from "node:worker_threads";
import { workerUrl } from "../asset.ts";
import { createQueries } from "./kysely-sqlite.ts";
import type { AsideOptions, AsideReply, AsideRequest } from "./sqlite-aside-messages.ts";
import { ALL } from "./sqlite-aside-messages.ts";
import type { Failure } from "./sqlite-errors.ts";
import { storageError } from "./sqlite-errors.ts";
import type { Statement, StatementResult } from "./sqlite-statements.ts";
import type { Queries, Snapshot } from "./storage.ts";

/** Reads on a thread of their own. Statements of several reads take turns there, so that a short read waits for one statement of a long one. */
export interface Aside {
  read<T>(work: (snapshot: Pick<Snapshot, "queries">) => Promise<T>): Promise<T>;
  /** Waits for the reads under way. */
  close(): Promise<void>;
}

/** The thread starts with the first read; after `idleMs` without one it ends, and gives back all its memory. */
export function createAside({ path, busyTimeoutMs, idleMs }: AsideOptions & { readonly idleMs: number }): Aside {
  const active = new Set<Promise<unknown>>();
  const room = createRoom(MOST_READS);
  let thread: Thread | undefined;
  let idle: NodeJS.Timeout | undefined;

  return {
    async read(work) {
      clearTimeout(idle);
      const reading = room(() => {
        if (thread?.isEnded() !== false) thread = startThread({ path, busyTimeoutMs });
        return readOn(thread, work);
      });
      active.add(reading);
      try {
        return await reading;
      } finally {
        active.delete(reading);
        if (active.size === 0) idle = setTimeout(() => void rest(), idleMs).unref();
      }
    },
    async close() {
      await Promise.allSettled(active);
      clearTimeout(idle);
      await rest();
    },
  };

  async function rest(): Promise<void> {
    const ended = thread;
    thread = undefined;
    await ended?.end();
  }
}

/** Each has a connection with a cache of its own. Of this many, some are short: what waits for them does not wait long. */
const MOST_READS = 12;

/** Lets so many works go on at a time; the others wait in the order in which they came. */
function createRoom(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async (work) => {
    if (inside < most) inside++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inside--;
      else next();
    }
  };
}

async function readOn<T>(thread: Thread, work: (snapshot: Pick<Snapshot, "queries">) => Promise<T>): Promise<T> {
  const connection = thread.take();
  try {
    const result = await work({ queries: connection.queries });
    thread.release(connection);
    return result;
  } catch (error) {
    thread.drop(connection);
    throw error;
  }
}

interface Connection {
  readonly number: number;
  readonly queries: Queries;
}

interface Thread {
  /** A connection that no other read uses; the thread opens it with its first statement. */
  take(): Connection;
  /** Ends what was read on the connection. */
  release(connection: Connection): void;
  /** Ends the connection as well. */
  drop(connection: Connection): void;
  isEnded(): boolean;
  /** Closes all connections first: a thread that is cut off leaves their memory behind. */
  end(): Promise<void>;
}

function startThread(options: AsideOptions): Thread {
  const worker = new Worker(workerUrl(import.meta.url, "./sqlite-read-worker"), { workerData: options, execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<StatementResult>>();
  const free: Connection[] = [];
  let made = 0;
  let lastCall = 0;
  let outbox: AsideRequest[] = [];
  let crash: unknown;
  let isEnded = false;
  worker.unref();
  worker.on("message", (replies: readonly AsideReply[]) => {
    for (const reply of replies) settle(reply);
    if (waiting.size === 0) worker.unref();
  });
  worker.on("error", (error) => (crash = error));
  worker.once("exit", () => {
    isEnded = true;
    for (const call of waiting.values()) call.reject(storageError(options.path, ended, crash));
    waiting.clear();
  });

  function ask(connection: number, statement: Statement): Promise<StatementResult> {
    if (isEnded) throw storageError(options.path, ended, crash);
    const asked = Promise.withResolvers<StatementResult>();
    if (waiting.size === 0) worker.ref();
    const call = ++lastCall;
    waiting.set(call, asked);
    post({ call, connection, statement });
    return asked.promise;
  }

  /** What is asked for in one turn of the event loop travels in one message. */
  function post(request: AsideRequest): void {
    outbox.push(request);
    if (outbox.length > 1) return;
    queueMicrotask(() => {
      worker.postMessage(outbox);
      outbox = [];
    });
  }

  function settle(reply: AsideReply): void {
    const asked = waiting.get(reply.call);
    waiting.delete(reply.call);
    if ("failure" in reply) asked?.reject(storageError(options.path, reply.failure));
    else asked?.resolve(reply.answer);
  }

  return {
    take: () => free.pop() ?? makeConnection(made++),
    release(connection) {
      if (isEnded) return;
      post({ call: 0, connection: connection.number });
      free.push(connection);
    },
    drop({ number }) {
      if (!isEnded) post({ call: 0, connection: number, isLast: true });
    },
    isEnded: () => isEnded,
    async end() {
      if (isEnded) return;
      const exited = Promise.withResolvers<void>();
      worker.once("exit", () => exited.resolve());
      worker.ref();
      post({ call: 0, connection: ALL, isLast: true });
      await exited.promise;
    },
  };

  function makeConnection(number: number): Connection {
    return { number, queries: createQueries(async (statement) => ask(number, statement)) };
  }
}

const ended: Failure = { code: "storage/failed", reason: "the thread that reads has ended" };
