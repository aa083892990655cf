import { nothing, type Rule } from "./rule.ts";

/** Flags a confidence that is no share: outside 0 to 1, or not a number at all. */
export const confidenceRange: Rule = {
  name: "confidence-range",
  severity: "warning",
  check({ confidence }) {
    if (confidence === undefined || (confidence >= 0 && confidence <= 1)) return nothing;
    return [{ message: `the confidence is ${confidence}, not between 0 and 1`, at: "/confidence" }];
  },
};
