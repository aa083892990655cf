import { Worker } from "node:worker_threads";
import { workerUrl } from "../asset.ts";
import type { ShingleSets } from "../text/kernels/shingle-sets.ts";
import type { NearDuplicates, NearOptions } from "./near.ts";
import { findNearDuplicates } from "./near.ts";

export interface AsideOptions extends Omit<NearOptions, "done"> {
  /** Told about ten times a second how many sets have been decided. */
  readonly progress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What the thread is started with. */
export interface AsideData {
  readonly sets: ShingleSets;
  readonly options: NearOptions;
}

/**
 * {@link findNearDuplicates} in a thread of its own, so that this one can show progress, answer others, and stop.
 *
 * Arrays over shared memory are shared, others copied. What takes less than a blink is done in this thread.
 *
 * @throws {@link TilthError} as there; the signal's reason when it is aborted.
 */
export async function findNearAside(sets: ShingleSets, { progress, signal, ...options }: AsideOptions): Promise<NearDuplicates> {
  signal?.throwIfAborted();
  if (sets.values.length < WORTH_A_THREAD) return findNearDuplicates(sets, options);
  const done = new Int32Array(new SharedArrayBuffer(4));
  const data: AsideData = { sets, options: { ...options, done } };
  const worker = new Worker(workerUrl(import.meta.url, "./near-aside-worker"), { workerData: data, execArgv: [] });
  const timer = setInterval(() => progress?.(Atomics.load(done, 0)), 100);
  const answer = Promise.withResolvers<NearDuplicates>();
  const stop = (): void => answer.reject(signal?.reason);
  signal?.addEventListener("abort", stop);
  worker.once("message", answer.resolve);
  worker.once("error", answer.reject);
  worker.once("exit", () => answer.reject(new Error("The thread that compares texts ended by itself.")));
  try {
    return await answer.promise;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

/** Shingles that one thread compares in a tenth of a second or so. */
const WORTH_A_THREAD = 500_000;
