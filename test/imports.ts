/** One import, re-export or dynamic import of a source file. */
export interface Import {
  readonly specifier: string;
  /** False where only types travel: `import type`, `export type`. */
  readonly value: boolean;
}

/**
 * Lists what a TypeScript or JavaScript source imports, types and dynamic imports included.
 *
 * Comments, regular expressions and the texts of strings are taken out first, so that code that is quoted is not mistaken for code.
 * A dynamic import whose specifier is computed has no name and is not listed.
 */
export function importsOf(source: string): Import[] {
  const { code, strings } = withoutQuotes(source);
  const found: Import[] = [];
  for (const [, clause = "", index = ""] of code.matchAll(statement)) {
    found.push({ specifier: strings[Number(index)] ?? "", value: !isTypeOnly(clause) });
  }
  for (const [, index = ""] of code.matchAll(dynamic)) found.push({ specifier: strings[Number(index)] ?? "", value: true });
  return found;
}

/** `import … from §0§`, `import §0§`, `export … from §0§`; § stands for a quote in the simplified code. */
const statement = /(?<![\w$.])(?:import|export)\b(?:([^;§()=]*?)\bfrom\b)?\s*§(\d+)§/g;
const dynamic = /(?<![\w$.])import\s*\(\s*§(\d+)§/g;

function isTypeOnly(clause: string): boolean {
  return /^\s*type\b\s*[^\s,]/.test(clause);
}

/** Words after which a slash begins a regular expression, since no value ends there. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|await|yield|new|delete|throw))\s*$/;

interface Simplified {
  readonly code: string;
  readonly strings: readonly string[];
}

function withoutQuotes(source: string): Simplified {
  const strings: string[] = [];
  let code = "";
  /** Depth of braces at which each open template literal goes on. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const skipTemplate = (from: number): number => {
    for (let index = from; index < source.length; index++) {
      if (source[index] === "\\") index++;
      else if (source[index] === "`") return index + 1;
      else if (source.startsWith("${", index)) {
        templates.push(depth++);
        code += "{";
        return index + 2;
      }
    }
    return source.length;
  };
  while (at < source.length) {
    const char = source[at] ?? "";
    if (source.startsWith("//", at)) at = endOf(source, /$/m, at);
    else if (source.startsWith("/*", at)) at = endOf(source, /\*\//, at + 2);
    else if (char === '"' || char === "'") {
      const end = endOfString(source, at);
      code += `§${strings.push(source.slice(at + 1, end - 1)) - 1}§`;
      at = end;
    } else if (char === "`") {
      code += "0";
      at = skipTemplate(at + 1);
    } else if (char === "/" && beforeRegex.test(code.slice(-12))) {
      code += "0";
      at = endOfRegex(source, at);
    } else if (char === "}" && templates.at(-1) === depth - 1) {
      depth = templates.pop() ?? 0;
      code += "}";
      at = skipTemplate(at + 1);
    } else {
      if (char === "{") depth++;
      if (char === "}") depth--;
      code += char;
      at++;
    }
  }
  return { code, strings };
}

function endOf(source: string, pattern: RegExp, from: number): number {
  const match = pattern.exec(source.slice(from));
  return match === null ? source.length : from + match.index + match[0].length;
}

function endOfString(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length && source[at] !== source[start]) at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfRegex(source: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  for (; at < source.length && (inClass || source[at] !== "/"); at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "[") inClass = true;
    else if (source[at] === "]") inClass = false;
  }
  return at + 1;
}
