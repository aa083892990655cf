import { relevances } from "../schema/example.ts";
import { nothing, type Rule } from "./rule.ts";

/** Flags what could be about any industry: its relevance is below what the packs ask for; silent where they ask for nothing. */
export const lowRelevance: Rule = {
  name: "low-relevance",
  severity: "warning",
  defaults: { required_relevance: null },
  check({ relevance }, { thresholds }) {
    const required = relevances.find((word) => word === thresholds["required_relevance"]);
    if (relevance === undefined || required === undefined || relevances.indexOf(relevance) >= relevances.indexOf(required)) return nothing;
    return [{ message: `its relevance is ${relevance}, at least ${required} is wanted`, at: "/relevance" }];
  },
};
