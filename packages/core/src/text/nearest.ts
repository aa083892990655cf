/**
 * Finds what somebody probably meant: the candidate with the fewest typing slips, or nothing when none is close.
 *
 * Case is ignored, and so are `-` and `_`. A name after a dot counts as well: `score` finds `quality.score`.
 * At most a third of the letters may differ. The first of equally near candidates wins.
 *
 * @see {@link https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance | Damerau-Levenshtein}, the variant that edits no piece twice.
 * @example
 * nearest("qualty.score", ["quality.score", "quality.tier"]); // "quality.score"
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = simplify(word);
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const slips = Math.min(...namesOf(candidate).map((name) => editDistance(wanted, name)));
    if (slips < fewest) {
      fewest = slips;
      best = candidate;
    }
  }
  return best;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, "");
}

function namesOf(candidate: string): string[] {
  const whole = simplify(candidate);
  return [whole, whole.slice(whole.lastIndexOf(".") + 1)];
}

/** Inserts, deletions, replacements and swaps of neighbours that turn one word into the other. Time: product of the lengths. */
function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const differs = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + differs, swapped ? at(beforeLast, j - 2) + 1 : Infinity));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
