import type { Json } from "../schema/json.ts";
import { textOf } from "./columns.ts";
import type { Wrong } from "./mapping-date.ts";
import { compileDate } from "./mapping-date.ts";
import { isList, parseJson } from "./reading.ts";

/** A filter with its arguments, ready to run. */
export interface FilterStep {
  /** What stands in for a value that is absent or empty; only `default` has it. */
  readonly instead?: string;
  /** Absent for a value it cannot read. */
  read(value: Json): Json | undefined;
  /** What becomes of empty text: most filters read something out of a text, and out of none they read nothing. */
  readonly empty: "absent" | "stays";
  /** True where a list is one value; else each of its elements is read. */
  readonly wholeLists: boolean;
}

/** A filter of the map language. */
export interface MapFilter {
  /** How it is written. */
  readonly usage: string;
  readonly arguments: 0 | 1 | 2;
  compile(first: string, second: string): FilterStep | Wrong;
}

/**
 * All filters by name.
 *
 * `unescape` resolves `&amp;` `&lt;` `&gt;` `&quot;` `&apos;` `&nbsp;` and numeric references (`&#39;` `&#x27;`), once; `bool` reads true,
 * yes, y, t, on, 1 and their opposites in any case; `int` and `number` are decimal, `12.0` is an int.
 */
export const mapFilters: Readonly<Record<string, MapFilter>> = {
  trim: plain("trim", { read: ofText((text) => text.trim()), empty: "stays" }),
  lower: plain("lower", { read: ofText((text) => text.toLowerCase()), empty: "stays" }),
  unescape: plain("unescape", { read: ofText(unescapeHtml), empty: "stays" }),
  int: plain("int", { read: readInt }),
  number: plain("number", { read: readNumber }),
  bool: plain("bool", { read: readBoolean }),
  json: plain("json", { read: (value) => (typeof value === "string" ? parseJson(value) : value), wholeLists: true }),
  split: { usage: "split(;)", arguments: 1, compile: compileSplit },
  date: { usage: "date(FORMAT)", arguments: 1, compile: compileDateFilter },
  default: {
    usage: "default('x')",
    arguments: 1,
    compile: (instead) => ({ ...stepOf({ read: (value) => value, empty: "stays", wholeLists: true }), instead }),
  },
  swap: { usage: "swap(1,2)", arguments: 2, compile: compileSwap },
};

/** Runs filters from left to right over a value that may be absent. */
export function applyFilters(
  steps: readonly FilterStep[],
  value: Json | undefined,
): { readonly value: Json | undefined } | { readonly failed: number } {
  let current = value ?? undefined;
  for (const [index, step] of steps.entries()) {
    const isEmpty = typeof current === "string" && current.trim() === "";
    if (step.instead !== undefined && (current === undefined || isEmpty)) current = step.instead;
    else if (isEmpty && step.empty === "absent") current = undefined;
    if (current === undefined) continue;
    const read: Json | undefined = isList(current) && !step.wholeLists ? readEach(step, current) : step.read(current);
    if (read === undefined) return { failed: index };
    current = read ?? undefined;
  }
  return { value: current };
}

/** A whole number in decimal digits, also as `12.0`, as tables with gaps write it. */
export function readInt(value: Json): number | undefined {
  const number = readNumber(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A number in decimal digits. */
export function readNumber(value: Json): number | undefined {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number + 0 : undefined;
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "y", "t", "on", "1"].map((word) => [word, true] as const),
  ...["false", "no", "n", "f", "off", "0"].map((word) => [word, false] as const),
]);

/** A truth value in one of its usual words. */
export function readBoolean(value: Json): boolean | undefined {
  const word = textOf(value)?.trim().toLowerCase();
  return word === undefined ? undefined : truths.get(word);
}

function stepOf(step: Pick<FilterStep, "read"> & Partial<FilterStep>): FilterStep {
  return { empty: "absent", wholeLists: false, ...step };
}

function plain(usage: string, step: Pick<FilterStep, "read"> & Partial<FilterStep>): MapFilter {
  return { usage, arguments: 0, compile: () => stepOf(step) };
}

function readEach(step: FilterStep, list: readonly Json[]): Json | undefined {
  const read: Json[] = [];
  for (const element of list) {
    const one = step.read(element);
    if (one === undefined) return undefined;
    read.push(one);
  }
  return read;
}

function ofText(change: (text: string) => string): (value: Json) => Json | undefined {
  return (value) => {
    const text = textOf(value);
    return text === undefined ? undefined : change(text);
  };
}

const named: { readonly [name: string]: string | undefined } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

function unescapeHtml(text: string): string {
  return text.replaceAll(
    /&(?:#[xX]([0-9a-fA-F]{1,8})|#([0-9]{1,9})|(amp|lt|gt|quot|apos|nbsp));/g,
    (_, hex?: string, decimal?: string, name?: string) =>
      name === undefined ? character(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)) : (named[name] ?? ""),
  );
}

const windows1252 = new TextDecoder("windows-1252");

/** @see {@link https://html.spec.whatwg.org/multipage/parsing.html#numeric-character-reference-end-state | HTML, numeric references} */
function character(code: number): string {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return "\ufffd";
  return code >= 0x80 && code <= 0x9f ? windows1252.decode(Uint8Array.of(code)) : String.fromCodePoint(code);
}

function compileSplit(separator: string): FilterStep | Wrong {
  if (separator === "") return { problem: "`split` has nothing to split at", expected: "a separator, as in split(;)" };
  return stepOf({
    read: (value) =>
      textOf(value)
        ?.split(separator)
        .map((piece) => piece.trim())
        .filter((piece) => piece !== ""),
    wholeLists: true,
  });
}

function compileDateFilter(format: string): FilterStep | Wrong {
  const read = compileDate(format);
  if (typeof read !== "function") return read;
  return stepOf({
    read: (value) => {
      const text = textOf(value);
      return text === undefined ? undefined : read(text);
    },
  });
}

function compileSwap(one: string, other: string): FilterStep | Wrong {
  if (one === other) return { problem: "`swap` has the same value twice", expected: "two values, as in swap(1,2)" };
  return stepOf({
    read: (value) => {
      const text = textOf(value)?.trim();
      if (text === one) return other;
      return text === other ? one : undefined;
    },
  });
}
