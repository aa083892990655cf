import { codePointLength } from "../text/words.ts";
import { TilthError } from "../errors.ts";

/** A piece of a filter. `column` counts code points from 1. */
export interface Token {
  /** `word`: bare; `quoted`: a text whose quotes and escapes are resolved; `end`: behind the last piece. */
  readonly kind: "word" | "quoted" | "symbol" | "end";
  readonly text: string;
  readonly column: number;
}

// A quote right behind a dot belongs to a field: metadata."a key".
const WORD = /(?:[\p{L}\p{M}\p{N}_.:/@+-]|(?<=\.)"[^"\\\p{Cc}]+")+/uy;
const SYMBOL = /!=|<=|>=|[=<>(),]/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/suy;
const SPACE = /\s*/y;

/**
 * Cuts a filter into its pieces; the last one is always `end`.
 *
 * @throws {@link TilthError} `filter/syntax` at a character no piece starts with, and at a quote that is never closed.
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let column = 1;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    return pattern.exec(text) ?? undefined;
  };
  const step = (length: number): void => {
    column += codePointLength(text.slice(position, position + length));
    position += length;
  };
  for (;;) {
    step(take(SPACE)?.[0].length ?? 0);
    if (position >= text.length) return [...tokens, { kind: "end", text: "", column }];
    const quoted = take(QUOTED);
    const piece = quoted ?? take(WORD) ?? take(SYMBOL);
    if (piece === undefined) throw strayCharacter(text.slice(position), column);
    if (quoted !== undefined) tokens.push({ kind: "quoted", text: unescape(quoted[1] ?? quoted[2] ?? "", column), column });
    else tokens.push({ kind: /^[=!<>(),]/.test(piece[0]) ? "symbol" : "word", text: piece[0], column });
    step(piece[0].length);
  }
}

/** Makes the error for a piece that cannot stand where it does. */
export function syntaxError(column: number, problem: string, expected: string): TilthError<"filter/syntax"> {
  return new TilthError("filter/syntax", { column, problem, expected });
}

/** Names a piece in a message. */
export function describe(token: Token): string {
  if (token.kind === "end") return "the filter ends here";
  return token.kind === "quoted" ? `found ${JSON.stringify(token.text)}` : `found \`${token.text}\``;
}

function strayCharacter(rest: string, column: number): TilthError<"filter/syntax"> {
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  if (character === '"' || character === "'") return syntaxError(column, "the quote is never closed", `a closing ${character}`);
  return syntaxError(column, `\`${character}\` cannot stand here`, "a field, an operator, a value, or quotes around the value");
}

const ESCAPES: { readonly [letter: string]: string | undefined } = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', "'": "'" };

function unescape(text: string, column: number): string {
  return text.replaceAll(/\\(.)/gsu, (_, letter: string) => {
    const meant = ESCAPES[letter];
    if (meant === undefined) throw syntaxError(column, `\`\\${letter}\` is no escape`, "\\\\, \\\", \\', \\n, \\r or \\t");
    return meant;
  });
}
