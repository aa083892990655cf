import { replyOf } from "../schema/sides.ts";
import { codeBlocks, unclosedBracket } from "./code.ts";
import { nothing, type Rule } from "./rule.ts";

/**
 * Flags code blocks of a reply whose brackets do not close. JSON has its own rule; blocks of prose, logs, shell and markup, where brackets
 * need no partner, are passed over, and so are blocks that name no language.
 */
export const codeInvalid: Rule = {
  name: "code-invalid",
  severity: "warning",
  check(example) {
    const reply = replyOf(example);
    if (reply === undefined || !reply.text.includes("```")) return nothing;
    const broken = codeBlocks(reply.text).filter(
      ({ language, code }) => bracketed.has(language) && unclosedBracket(withoutComments(code)) !== undefined,
    );
    return broken.length === 0
      ? nothing
      : [{ message: `${broken.length} code block${broken.length === 1 ? " has" : "s have"} a bracket that is never closed`, at: reply.at }];
  },
};

const bracketed: ReadonlySet<string> = new Set(
  "c c++ cpp csharp c# cs css dart go golang groovy java javascript js jsx julia kotlin lua php python py r rust rs scala scss solidity swift ts tsx typescript".split(
    " ",
  ),
);

/** To the end of the line; strings that hold such a mark lose their rest, which at worst hides a bracket. */
function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[^]*?\*\/|(?:\/\/|#|--).*$/gm, "");
}
