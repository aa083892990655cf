/**
 * A mark among the needs of a file for the shape its rows have.
 *
 * Some trainers let the first row decide what a whole file holds. So the first example that is written decides, and those that would give
 * rows of another shape are refused as `mixture`: both passes of an export meet the examples in the same order.
 */
export function shapeNeed(shape: string): string {
  return `${mark}${shape}`;
}

/** True where rows of another shape have been decided on. */
export function isMixture(shape: string, needs: ReadonlySet<string>): boolean {
  return [...needs].some((need) => need.startsWith(mark) && need !== shapeNeed(shape));
}

const mark = "rows:";
