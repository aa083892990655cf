/** How many requests may be under way at once, so that none of them waits long. */
export interface Admission {
  /** One more would make all of them wait. */
  isFull(): boolean;
  /** How many are under way and came within the last second; older ones wait for something else than this process. */
  young(): number;
  /** Lets a request in. @returns To be called when it is answered. */
  enter(): () => void;
  /** What nine of ten requests of the last second took at most; 0 where fewer than a few were answered. */
  answerMs(): number;
  /** Looks how it goes, every {@link TURN_MS}. @param lagMs - How late this call is. */
  turn(lagMs: number): void;
}

export const TURN_MS = 100;
const YOUNG_TURNS = 10;
/** Of fewer answers one that takes long, for reasons of its own, would stand for all. */
const LEAST_ANSWERS = 10;
/** Requests that take longer than this have waited for each other. */
const AIM_MS = 100;
/** A process that stood still for a moment finds that many at its door without being overloaded. */
const LEAST = 24;

interface Arrivals {
  left: number;
  isOld: boolean;
}

/**
 * Finds out by itself how many requests at once this machine can take: fewer while they take long, more while they are quick.
 *
 * @param most - Never more than that.
 * @see {@link https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease}
 */
export function createAdmission(most: number): Admission {
  const turns: Arrivals[] = [];
  let now: Arrivals = { left: 0, isOld: false };
  let young = 0;
  let limit = most;
  let took: number[] = [];
  let lately: readonly (readonly number[])[] = [];

  return {
    isFull: () => young >= Math.floor(limit),
    young: () => young,
    enter() {
      const arrivals = now;
      const enteredMs = performance.now();
      arrivals.left++;
      young++;
      return () => {
        took.push(performance.now() - enteredMs);
        if (arrivals.isOld) return;
        arrivals.left--;
        young--;
      };
    },
    answerMs() {
      const all = lately.flat();
      return all.length < LEAST_ANSWERS ? 0 : shareBelow(all, 0.9);
    },
    turn(lagMs) {
      // Four of five: a few may take long for reasons of their own.
      const slowMs = Math.max(lagMs, shareBelow(took, 0.8));
      if (slowMs > AIM_MS) limit = Math.max(Math.min(LEAST, most), limit * 0.7);
      else if (slowMs < AIM_MS / 2 && took.length > 0) limit = Math.min(most, limit * 1.1);
      lately = [...lately, took].slice(-YOUNG_TURNS);
      took = [];
      turns.push(now);
      now = { left: 0, isOld: false };
      const old = turns.length < YOUNG_TURNS ? undefined : turns.shift();
      if (old === undefined) return;
      old.isOld = true;
      young -= old.left;
    },
  };
}

/** What this share of the values stays below. */
function shareBelow(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}
