/** A place where two texts say something else. */
export interface WordChange {
  /** What the kept text says there; `""` where it says nothing. */
  readonly kept: string;
  readonly dropped: string;
}

/**
 * Says where two texts differ, word by word as they are written; undefined where they differ in more places than can be told.
 *
 * Quadratic in the words between the first and the last difference, of which there are at most {@link MOST_WORDS}.
 */
export function wordChanges(kept: string, dropped: string): readonly WordChange[] | undefined {
  const [from, to] = [wordsOf(kept), wordsOf(dropped)];
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (end < Math.min(from.length, to.length) - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  const [a, b] = [from.slice(start, from.length - end), to.slice(start, to.length - end)];
  if (a.length > MOST_WORDS || b.length > MOST_WORDS) return undefined;
  const changes = changesBetween(a, b);
  return changes.length > MOST_CHANGES ? undefined : changes;
}

const MOST_WORDS = 300;
const MOST_CHANGES = 8;

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Follows the longest common sequence of words; what lies between its members has changed. */
function changesBetween(a: readonly string[], b: readonly string[]): readonly WordChange[] {
  const common = commonLengths(a, b);
  const changes: WordChange[] = [];
  let [left, right]: [string[], string[]] = [[], []];
  const flush = (): void => {
    if (left.length + right.length > 0) changes.push({ kept: left.join(" "), dropped: right.join(" ") });
    [left, right] = [[], []];
  };
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && one === other) {
      flush();
      i++;
      j++;
    } else if (other === undefined || (one !== undefined && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      left.push(one ?? "");
      i++;
    } else {
      right.push(other);
      j++;
    }
  }
  flush();
  return changes;
}

/** How many words the rests of both texts have in common, from each pair of places on. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row === undefined) continue;
      row[j] = a[i] === b[j] ? (lengths[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(lengths[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}
