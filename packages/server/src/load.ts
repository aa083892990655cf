import { monitorEventLoopDelay } from "node:perf_hooks";
import { TilthError } from "@tilth/core";
import type { Limits } from "./limits.ts";

/** How busy this process is. */
export interface Load {
  /** How long work waited for the event loop, the worst hundredth of the last seconds. */
  delayMs(): number;
  /** Requests under way. */
  inFlight(): number;
  /**
   * Lets a request in.
   *
   * @returns To be called when it is answered.
   * @throws {@link TilthError} `request/overloaded`.
   */
  enter(): () => void;
  close(): void;
}

const RESOLUTION_MS = 20;
const WINDOW_MS = 5_000;
/** Fewer samples would make one pause the worst hundredth. */
const LEAST_SAMPLES = 100;

/** Watches the event loop and counts requests. Between requests it sleeps: a server that nobody asks costs nothing. */
export function watchLoad(limits: Pick<Limits, "inFlight" | "loopDelayMs">): Load {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let lastMs = 0;
  let inFlight = 0;
  let entered = 0;
  let turn: NodeJS.Timeout | undefined;

  function wake(): void {
    entered++;
    if (turn !== undefined) return;
    histogram.enable();
    turn = setInterval(next, WINDOW_MS);
    turn.unref();
  }

  function next(): void {
    lastMs = worstMs(histogram);
    histogram.reset();
    if (inFlight > 0 || entered > 0) entered = 0;
    else sleep();
  }

  function sleep(): void {
    clearInterval(turn);
    turn = undefined;
    lastMs = 0;
    histogram.disable();
  }

  const delayMs = (): number => Math.max(lastMs, histogram.count < LEAST_SAMPLES ? 0 : worstMs(histogram));
  return {
    delayMs,
    inFlight: () => inFlight,
    enter() {
      wake();
      if (inFlight >= limits.inFlight)
        throw new TilthError("request/overloaded", { reason: `${inFlight} requests are being answered`, seconds: 1 });
      const waitedMs = delayMs();
      if (waitedMs > limits.loopDelayMs)
        throw new TilthError("request/overloaded", { reason: `work waits ${Math.round(waitedMs)} ms for its turn`, seconds: 5 });
      inFlight++;
      let left = false;
      return () => {
        if (!left) inFlight--;
        left = true;
      };
    },
    close: sleep,
  };
}

/** A sample is the time from one look to the next, so the looks' own distance is no delay. */
function worstMs(histogram: ReturnType<typeof monitorEventLoopDelay>): number {
  return histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS);
}
