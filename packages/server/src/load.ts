import { monitorEventLoopDelay } from "node:perf_hooks";
import { TilthError } from "@tilth/core";
import { createAdmission, TURN_MS } from "./admission.ts";
import type { Limits } from "./limits.ts";

/** How busy this process is. */
export interface Load {
  /** How long work waited for the event loop, the worst hundredth of the last seconds. */
  delayMs(): number;
  /** What nine of ten requests of the last second took at most. */
  answerMs(): number;
  /** Requests under way. */
  inFlight(): number;
  /** Why a request would be turned away that came now; undefined = it may come in. Costs next to nothing. */
  refusal(): Refusal | undefined;
  /**
   * Lets a request in.
   *
   * @returns To be called when it is answered.
   * @throws {@link TilthError} `request/overloaded`.
   */
  enter(): () => void;
  close(): void;
}

export interface Refusal {
  readonly reason: string;
  /** When to come again. */
  readonly seconds: number;
}

const RESOLUTION_MS = 20;
const WINDOW_TURNS = 50;
/** Fewer samples would make one pause the worst hundredth. */
const LEAST_SAMPLES = 100;

/**
 * Watches the event loop and counts requests. Between requests it sleeps: a server that nobody asks costs nothing.
 *
 * @param options.idle - Called when it falls asleep, after some seconds without a request.
 */
export function watchLoad(limits: Pick<Limits, "inFlight" | "loopDelayMs">, options: { readonly idle?: () => void } = {}): Load {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const admission = createAdmission(limits.inFlight);
  let lastMs = 0;
  /** As it was at the last turn: a percentile is too dear to be asked for with every request. */
  let knownMs = 0;
  /** The same for all who are turned away in a turn. */
  let full: Refusal | undefined;
  let inFlight = 0;
  let entered = 0;
  let turns = 0;
  let dueMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function wake(): void {
    entered++;
    if (timer !== undefined) return;
    histogram.enable();
    dueMs = performance.now() + TURN_MS;
    timer = setInterval(turn, TURN_MS);
    timer.unref();
  }

  function turn(): void {
    const nowMs = performance.now();
    admission.turn(Math.max(0, nowMs - dueMs));
    dueMs = nowMs + TURN_MS;
    knownMs = delayMs();
    full = undefined;
    if (++turns < WINDOW_TURNS) return;
    turns = 0;
    lastMs = worstMs(histogram);
    histogram.reset();
    if (inFlight > 0 || entered > 0) entered = 0;
    else {
      sleep();
      options.idle?.();
    }
  }

  function sleep(): void {
    clearInterval(timer);
    timer = undefined;
    lastMs = 0;
    knownMs = 0;
    histogram.disable();
  }

  const delayMs = (): number => Math.max(lastMs, histogram.count < LEAST_SAMPLES ? 0 : worstMs(histogram));
  const refusal = (): Refusal | undefined => {
    if (inFlight >= limits.inFlight) return { reason: `${inFlight} requests are being answered`, seconds: 1 };
    if (admission.isFull()) return (full ??= { reason: `${admission.young()} requests wait for each other`, seconds: 1 });
    if (knownMs > limits.loopDelayMs) return { reason: `work waits ${Math.round(knownMs)} ms for its turn`, seconds: 5 };
    return undefined;
  };
  return {
    delayMs,
    answerMs: () => (timer === undefined ? 0 : admission.answerMs()),
    inFlight: () => inFlight,
    refusal,
    enter() {
      wake();
      const refused = refusal();
      if (refused !== undefined) throw new TilthError("request/overloaded", { ...refused });
      inFlight++;
      const leave = admission.enter();
      let left = false;
      return () => {
        if (left) return;
        left = true;
        inFlight--;
        leave();
      };
    },
    close: sleep,
  };
}

/** A sample is the time from one look to the next, so the looks' own distance is no delay. */
function worstMs(histogram: ReturnType<typeof monitorEventLoopDelay>): number {
  return histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS);
}
