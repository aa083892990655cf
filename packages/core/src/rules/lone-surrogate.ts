import { textsOf } from "./memo.ts";
import { nothing, type Rule } from "./rule.ts";

/** Flags half characters: an unpaired UTF-16 surrogate cannot be written as UTF-8 and becomes U+FFFD in every export. */
export const loneSurrogate: Rule = {
  name: "lone-surrogate",
  severity: "warning",
  check(example, { memo }) {
    const broken = textsOf(example, memo).filter(({ text }) => !text.isWellFormed());
    return broken.length === 0
      ? nothing
      : broken.map(({ at }) => ({ message: "the text holds half a character (an unpaired surrogate)", at }));
  },
};
