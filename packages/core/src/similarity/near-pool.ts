import { Worker } from "node:worker_threads";
import { workerUrl } from "../asset.ts";
import type { NearReply, NearRequest, NearWorkerData } from "./near-messages.ts";

/** Threads that answer one question each at a time. */
export interface NearPool {
  readonly size: number;
  /** Rejects when a thread fails, or with the signal's reason when it is aborted. Arrays of a request change their owner. */
  ask(request: NearRequest): Promise<NearReply>;
  close(): Promise<void>;
}

/** Starts the threads; questions wait for the first that is free. */
export function startPool(size: number, options: { readonly data: NearWorkerData; readonly signal?: AbortSignal }): NearPool {
  const { data, signal } = options;
  const waiting: Question[] = [];
  let failure: { readonly cause: unknown } | undefined;
  const threads = Array.from({ length: size }, () => startThread(data, next, fail));
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);

  return { size, ask, close };

  function ask(request: NearRequest): Promise<NearReply> {
    return new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      if (failure === undefined) next();
      else fail(failure.cause);
    });
  }

  async function close(): Promise<void> {
    signal?.removeEventListener("abort", onAbort);
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  function next(): void {
    for (const thread of threads) {
      if (thread.isBusy()) continue;
      const question = waiting.shift();
      if (question === undefined) return;
      thread.ask(question);
    }
  }

  function fail(cause: unknown): void {
    failure ??= { cause };
    for (const question of waiting.splice(0)) question.reject(failure.cause);
    for (const thread of threads) thread.fail(failure.cause);
  }
}

interface Question {
  readonly request: NearRequest;
  resolve(reply: NearReply): void;
  reject(cause: unknown): void;
}

interface Thread {
  isBusy(): boolean;
  ask(question: Question): void;
  fail(cause: unknown): void;
  stop(): Promise<void>;
}

function startThread(data: NearWorkerData, onFree: () => void, onFail: (cause: unknown) => void): Thread {
  const worker = new Worker(workerUrl(import.meta.url, "./near-worker"), { workerData: data, execArgv: [] });
  let current: Question | undefined;
  let stopped = false;
  worker.on("message", (reply: NearReply) => {
    const answered = current;
    current = undefined;
    answered?.resolve(reply);
    onFree();
  });
  worker.on("error", onFail);
  worker.on("exit", () => {
    if (!stopped) onFail(new Error("A thread that looks for near-duplicates ended by itself."));
  });
  return {
    isBusy: () => current !== undefined,
    ask(question) {
      current = question;
      worker.postMessage(question.request, buffersOf(question.request));
    },
    fail(cause) {
      current?.reject(cause);
      current = undefined;
    },
    async stop() {
      stopped = true;
      await worker.terminate();
    },
  };
}

function buffersOf(request: NearRequest): ArrayBuffer[] {
  if (request.kind === "range") return [];
  const arrays = [request.sets.values, request.sets.offsets, request.options.order, request.keys];
  return arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
