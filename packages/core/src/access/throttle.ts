import { TilthError } from "../errors.ts";
import type { Clock } from "../text/ulid.ts";

/** Slows down who tries passwords. */
export interface Throttle {
  /**
   * Counts an attempt before it is made, so that many at once count as many.
   *
   * @throws {@link TilthError} `auth/throttled` while the next attempt has to wait.
   */
  attempt(who: string): void;
  /** Takes attempts back: all of them, or one. */
  forgive(who: string, which: "all" | "one"): void;
}

export interface ThrottleOptions {
  readonly clock: Clock;
  /** Attempts that cost no wait; each further one doubles it, from a second to 15 minutes. */
  readonly free: number;
  /** Whom it remembers at most; the one who tried longest ago is forgotten first. @defaultValue 50_000 */
  readonly most?: number;
}

const LONGEST_WAIT_MS = 15 * 60_000;
const FORGOTTEN_MS = 60 * 60_000;

interface Tries {
  readonly count: number;
  readonly atMs: number;
  readonly waitMs: number;
}

/** Makes a throttle that remembers in this process only. */
export function createThrottle({ clock, free, most = 50_000 }: ThrottleOptions): Throttle {
  const known = new Map<string, Tries>();
  const triesOf = (who: string): Tries | undefined => {
    const tries = known.get(who);
    return tries === undefined || clock.nowMs() - tries.atMs > FORGOTTEN_MS ? undefined : tries;
  };
  return {
    attempt(who) {
      const nowMs = clock.nowMs();
      const tries = triesOf(who);
      const leftMs = tries === undefined ? 0 : tries.atMs + tries.waitMs - nowMs;
      if (leftMs > 0) throw new TilthError("auth/throttled", { seconds: Math.ceil(leftMs / 1_000) });
      known.delete(who); // written anew, it stands last
      known.set(who, after((tries?.count ?? 0) + 1, nowMs, free));
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
    forgive(who, which) {
      const tries = triesOf(who);
      if (which === "all" || tries === undefined || tries.count <= 1) known.delete(who);
      else known.set(who, after(tries.count - 1, tries.atMs, free));
    },
  };
}

function after(count: number, atMs: number, free: number): Tries {
  return { count, atMs, waitMs: count < free ? 0 : Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** (count - free)) };
}
