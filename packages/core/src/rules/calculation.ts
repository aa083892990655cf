import type { Remark } from "../schema/finding.ts";
import { replyOf } from "../schema/sides.ts";
import { codePointLength } from "../text/words.ts";
import { nothing, type Rule } from "./rule.ts";

/**
 * Flags arithmetic that is stated and wrong: `a op b = c`, with any number of terms, products before sums. Document 4's "verified
 * calculations".
 *
 * A result may be rounded as far as its own digits tell. Passed over is what may mean something else: percentages, powers, units between
 * the terms, and equations that go on.
 */
export const calculation: Rule = {
  name: "calculation",
  severity: "warning",
  check(example) {
    if (example.kind === "text" || example.domain === "code") return nothing;
    const reply = replyOf(example);
    if (reply === undefined || !reply.text.includes("=")) return nothing;
    const remarks: Remark[] = [];
    for (const match of reply.text.matchAll(STATEMENT)) {
      const [whole, terms = "", result = ""] = match;
      const value = evaluate(terms);
      if (value === undefined || DIVIDED_BY_FRACTION.test(terms) || agrees(value, result)) continue;
      const start = codePointLength(reply.text.slice(0, match.index));
      remarks.push({ message: "a stated calculation is wrong", at: reply.at, start, end: start + codePointLength(whole) });
    }
    return remarks.length === 0 ? nothing : remarks;
  },
};

const NUMBER = String.raw`\$?(?!0\d)(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)`;
const OPERATOR = String.raw` {0,2}[-+*/×÷−–] {0,2}`;
/** What stands before shows that the expression begins earlier. */
const BEFORE = String.raw`[\w.,$)^%]|[-+*/×÷−–^%)] {0,2}|\d {1,2}|\b(?:of|by|times|plus|minus|over|x|\d and) {1,2}`;
/** What stands behind shows that the result is another number, has a unit of its own, or goes on. */
const BEHIND = String.raw`[\w%^(]|[.,]\d| {0,2}[-+*/×÷−–^(%]| {1,2}(?:percent|cents?\b|R\d|r(?:emainder)?\b)`;
const STATEMENT = new RegExp(
  `(?=[$.\\d])(?<!${BEFORE})(${NUMBER}(?:${OPERATOR}${NUMBER}){1,20}) {0,2}= {0,2}(-?${NUMBER})(?!${BEHIND})`,
  "g",
);

/** `25 / 1/3` means a third to most who write it. */
const DIVIDED_BY_FRACTION = /[/÷] ?\d+[/÷]\d/;

/** Products first, then sums, from left to right; absent when something is divided by zero. */
function evaluate(terms: string): number | undefined {
  const numbers = Array.from(terms.matchAll(new RegExp(NUMBER, "g")), ([text]) => numberOf(text));
  const operators = Array.from(terms.matchAll(/[-+*/×÷−–]/g), ([operator]) => operator);
  let sum = 0;
  let product = numbers[0] ?? 0;
  for (const [index, operator] of operators.entries()) {
    const next = numbers[index + 1] ?? 0;
    if (/[*×]/.test(operator)) product *= next;
    else if (/[/÷]/.test(operator)) product /= next;
    else {
      sum += product;
      product = operator === "+" ? next : -next;
    }
  }
  const value = sum + product;
  return Number.isFinite(value) ? value : undefined;
}

/** Equal to half a unit of the last digit that is written, or cut off there. */
function agrees(value: number, result: string): boolean {
  const digits = /\.(\d+)$/.exec(result)?.[1]?.length ?? 0;
  return Math.abs(value - numberOf(result)) < 10 ** -digits || Math.abs(value - numberOf(result)) <= 1e-9 * Math.abs(value);
}

function numberOf(text: string): number {
  return Number(text.replaceAll(/[$,]/g, ""));
}
