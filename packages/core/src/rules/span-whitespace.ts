import { nothing, type Rule } from "./rule.ts";

/**
 * Flags entities that begin or end in white space, or in punctuation that tokenisers set apart: such a span fits no tokens.
 *
 * A full stop at the end of an abbreviation (`U.S.`, `Inc.`) may stay.
 */
export const spanWhitespace: Rule = {
  name: "span-whitespace",
  severity: "warning",
  check(example) {
    if (example.kind !== "classification") return nothing;
    return example.entities.flatMap(({ surface, start, end }, index) => {
      const edge = RAGGED.test(surface) ? "white space" : PUNCTUATED.test(surface) ? "punctuation" : undefined;
      if (edge === undefined) return nothing;
      const place = start >= 0 && start < end ? { start, end } : {}; // of what lies nowhere another rule tells
      return [{ message: `the span begins or ends in ${edge}`, at: `/entities/${index}`, ...place }];
    });
  },
};

const RAGGED = /^\s|\s$/;
/** With a letter in it: a span that is only a mark is what somebody meant. */
const PUNCTUATED =
  /^["'“”‘’«»(),;:!?[\]{}](?=.*[\p{L}\p{N}])|(?<=[\p{L}\p{N}].*)(?:["“”«»,;:!?]|(?<!\p{L})\.)$|^[^([]*[\p{L}\p{N}][^([]*[)\]]$/su;
