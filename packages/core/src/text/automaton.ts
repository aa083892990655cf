/**
 * Many strings looked for at once: the state after each character says which of them end there.
 *
 * States are offsets into `next`, one row of `width` entries each. States that report something lie at `firstReport` and above, so one
 * comparison per character suffices.
 */
export interface Automaton {
  /** Column of a UTF-16 unit below U+0080; 0 for units no string holds. */
  readonly asciiColumns: Uint16Array;
  readonly otherColumns: ReadonlyMap<number, number>;
  readonly next: Int32Array;
  readonly start: number;
  readonly firstReport: number;
  /** What ends at a state, shorter strings by their suffix included. */
  reports(state: number): readonly number[];
}

interface Node {
  readonly children: Map<number, Node>;
  readonly last: number;
  readonly reports: number[];
  fail: Node | undefined;
  offset: number;
}

/**
 * Builds the automaton of strings, each with the numbers it reports. Memory: characters of all strings x different characters.
 *
 * @param repeated - A unit whose second occurrence in a row changes nothing.
 * @see Aho and Corasick, Efficient string matching, CACM 1975: all transitions are written out, so each character costs one look.
 */
export function buildAutomaton(strings: ReadonlyMap<string, readonly number[]>, repeated?: number): Automaton {
  const root = newNode(-1);
  for (const [text, reports] of strings) insert(root, text, reports);
  const nodes = linkSuffixes(root);
  const columns = numberColumns(nodes);
  const width = columns.size + 1;

  const silent = nodes.filter((node) => node.reports.length === 0);
  const loud = nodes.filter((node) => node.reports.length > 0);
  for (const [index, node] of [...silent, ...loud].entries()) node.offset = index * width;

  const next = new Int32Array(nodes.length * width).fill(root.offset);
  for (const node of nodes) fillRow(next, node, columns, root, repeated);

  const asciiColumns = new Uint16Array(128);
  for (const [unit, column] of columns) if (unit < 128) asciiColumns[unit] = column;
  const firstReport = silent.length * width;
  return {
    asciiColumns,
    otherColumns: new Map([...columns].filter(([unit]) => unit >= 128)),
    next,
    start: root.offset,
    firstReport,
    reports: (state) => loud[(state - firstReport) / width]?.reports ?? [],
  };
}

/** The column of any UTF-16 unit. */
export function columnOf(automaton: Automaton, unit: number): number {
  return unit < 128 ? (automaton.asciiColumns[unit] ?? 0) : (automaton.otherColumns.get(unit) ?? 0);
}

function newNode(last: number): Node {
  return { children: new Map(), last, reports: [], fail: undefined, offset: 0 };
}

function insert(root: Node, text: string, reports: readonly number[]): void {
  let node = root;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    let child = node.children.get(unit);
    if (child === undefined) {
      child = newNode(unit);
      node.children.set(unit, child);
    }
    node = child;
  }
  node.reports.push(...reports);
}

/** Breadth first, so a node's suffix is complete before the node is met; returns the nodes in that order. */
function linkSuffixes(root: Node): Node[] {
  const nodes = [root];
  for (const node of nodes) {
    for (const [unit, child] of node.children) {
      child.fail = longestSuffix(node.fail, unit) ?? root;
      child.reports.push(...child.fail.reports);
      nodes.push(child);
    }
  }
  return nodes;
}

function longestSuffix(from: Node | undefined, unit: number): Node | undefined {
  for (let node = from; node !== undefined; node = node.fail) {
    const child = node.children.get(unit);
    if (child !== undefined) return child;
  }
  return undefined;
}

function numberColumns(nodes: readonly Node[]): ReadonlyMap<number, number> {
  const columns = new Map<number, number>();
  for (const node of nodes) {
    if (node.last >= 0 && !columns.has(node.last)) columns.set(node.last, columns.size + 1);
  }
  return columns;
}

function fillRow(next: Int32Array, node: Node, columns: ReadonlyMap<number, number>, root: Node, repeated: number | undefined): void {
  for (const [unit, column] of columns) {
    const stays = unit === repeated && node.last === repeated;
    const target = stays ? node : (longestSuffix(node, unit) ?? root);
    next[node.offset + column] = target.offset;
  }
}
