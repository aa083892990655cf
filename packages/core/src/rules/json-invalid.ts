import { replyOf } from "../schema/sides.ts";
import { codeBlocks } from "./code.ts";
import { nothing, type Rule } from "./rule.ts";

/** Flags code blocks of a reply that say they are JSON and are not. */
export const jsonInvalid: Rule = {
  name: "json-invalid",
  severity: "warning",
  check(example) {
    const reply = replyOf(example);
    if (reply === undefined || !reply.text.includes("```")) return nothing;
    const broken = codeBlocks(reply.text).filter(({ language, code }) => language === "json" && !isJson(code));
    return broken.length === 0
      ? nothing
      : [{ message: `${broken.length} code block${broken.length === 1 ? "" : "s"} labelled json cannot be parsed`, at: reply.at }];
  },
};

function isJson(code: string): boolean {
  try {
    JSON.parse(code);
    return true;
  } catch {
    return false; // the answer asked for
  }
}
