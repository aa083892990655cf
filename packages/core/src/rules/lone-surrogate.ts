import { nothing, type Rule } from "./rule.ts";
import { allTexts } from "./texts.ts";

/** Flags half characters: an unpaired UTF-16 surrogate cannot be written as UTF-8 and becomes U+FFFD in every export. */
export const loneSurrogate: Rule = {
  name: "lone-surrogate",
  severity: "warning",
  check(example) {
    const broken = allTexts(example).filter(({ text }) => !text.isWellFormed());
    return broken.length === 0
      ? nothing
      : broken.map(({ at }) => ({ message: "the text holds half a character (an unpaired surrogate)", at }));
  },
};
