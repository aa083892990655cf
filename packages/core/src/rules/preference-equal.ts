import type { Message } from "../schema/content.ts";
import { canonicalJson } from "../text/canonical.ts";
import { nothing, type Rule } from "./rule.ts";

/**
 * Finds preferences that prefer nothing: chosen and rejected are the same after Unicode composition and white space.
 *
 * Case and punctuation count: `5` and `-5` are different answers, and so may `paris` and `Paris` be.
 */
export const preferenceEqual: Rule = {
  name: "preference-equal",
  severity: "error",
  check(example) {
    if (example.kind !== "preference" || example.chosen.length !== example.rejected.length) return nothing;
    const same = example.chosen.every((message, index) => keyOf(message) === keyOf(example.rejected[index]));
    return same ? [{ message: "the chosen and the rejected answer are the same", at: "/rejected" }] : nothing;
  },
};

function keyOf(message: Message | undefined): string {
  const calls = message?.toolCalls?.map(({ name, arguments: given, argumentsText }) => ({ name, given, argumentsText }));
  return canonicalJson({ role: message?.role, content: message?.content, calls, parts: message?.parts }, (text) =>
    text.normalize("NFKC").replaceAll(/\s+/g, " ").trim(),
  );
}
