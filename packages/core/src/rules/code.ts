/** A piece of code between fences, and what it says it is. */
export interface CodeBlock {
  /** Lower case; empty where the fence names none. */
  readonly language: string;
  readonly code: string;
}

/** The closed code blocks of a text. Linear. */
export function codeBlocks(text: string): readonly CodeBlock[] {
  if (!text.includes("```")) return [];
  const blocks: CodeBlock[] = [];
  let open: { readonly language: string; readonly lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const [, language] = FENCE.exec(line) ?? [];
    if (language === undefined) open?.lines.push(line);
    else if (open === undefined) open = { language: language.toLowerCase(), lines: [] };
    else {
      blocks.push({ language: open.language, code: open.lines.join("\n") });
      open = undefined;
    }
  }
  return blocks;
}

/** True when a text ends inside a code block: an odd number of fences at the beginning of lines. */
export function unclosedFence(text: string): boolean {
  if (!text.includes("```")) return false;
  return text.split("\n").filter((line) => FENCE.test(line)).length % 2 === 1;
}

/**
 * The last bracket that is opened and never closed. Closers without an opener are passed over, for lists (`a)`) and faces have them.
 *
 * Strings in quotes are skipped where they close on their line, comments are not.
 */
export function unclosedBracket(code: string): string | undefined {
  if (!/[([{]/.test(code)) return undefined;
  const open: string[] = [];
  for (const [token] of code.replaceAll(QUOTED, "").matchAll(/(?<![:;=][-']?)[([{]|[)\]}]/g)) {
    const opener = OPENERS.get(token);
    if (opener === undefined) open.push(token);
    else if (open.includes(opener)) open.splice(open.lastIndexOf(opener));
  }
  return open.at(-1);
}

/** However far it is indented. A block on one line is text with code in it, not a fence. */
const FENCE = /^\s*```([\w+#.-]*)[^`]*$/;
const QUOTED = /"(?:[^"\\\n]|\\.){0,10000}"|'(?:[^'\\\n]|\\.){0,10000}'/g;
const OPENERS: ReadonlyMap<string, string> = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);
