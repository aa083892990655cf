/** Row numbers of a part of the pool, `from` inclusive. */
export interface Stretch {
  readonly from: number;
  readonly below: number;
}

export interface StretchOptions {
  /** Where to begin: only lower row numbers. */
  readonly below: number;
  /** Rows of which the whole has to be read take about 1 µs each, small ones a twentieth of that. */
  readonly rowsAre: "whole" | "small";
  /** Asked between two stretches. */
  readonly signal?: AbortSignal | undefined;
}

/** Most questions are answered after that many rows. */
const FIRST_ROWS = 5_000;
/** About 10 ms of work. How long a stretch took says nothing: it may have waited for the thread that reads. */
const MOST_ROWS = { whole: 16_000, small: 160_000 } as const;

/**
 * Goes down the pool from the newest row, a stretch at a time, so that whatever else waits for the thread that reads gets its turn between two.
 *
 * @param look - Looks at one stretch; true ends the walk.
 */
export async function walkDown(
  { below: first, rowsAre, signal }: StretchOptions,
  look: (stretch: Stretch) => Promise<boolean>,
): Promise<void> {
  let rows = FIRST_ROWS;
  for (let below = first; below > 0;) {
    signal?.throwIfAborted();
    const from = Math.max(0, below - rows);
    if (await look({ from, below })) return;
    rows = Math.min(rows * 4, MOST_ROWS[rowsAre]);
    below = from;
  }
}
