import type { Remark } from "../schema/finding.ts";
import { nothing, type Rule } from "./rule.ts";
import { wordsIn } from "./thresholds.ts";

/** Keeps out of training what comes from a failure, and what was excluded by hand: document 4's last two filters. */
export const excludedSource: Rule = {
  name: "excluded-source",
  severity: "error",
  defaults: { exclude_sources: ["error", "timeout"] },
  check(example, { thresholds }) {
    const isExcluded = example.source !== undefined && wordsIn(thresholds, "exclude_sources").includes(example.source);
    if (!isExcluded && example.includeInTraining !== false) return nothing;
    const remarks: Remark[] = [];
    if (isExcluded) remarks.push({ message: "its source is excluded from training", at: "/source" });
    if (example.includeInTraining === false) remarks.push({ message: "it was excluded from training by hand", at: "/includeInTraining" });
    return remarks;
  },
};
