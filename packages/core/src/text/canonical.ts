/**
 * Writes a JSON value in the canonical form of RFC 8785: keys sorted by UTF-16 units, no white space, shortest numbers.
 *
 * Members that are `undefined` are left out, as in `JSON.stringify`. Linear in the size of the value.
 *
 * @param mapText - Applied to every string value before it is written; keys stay as they are.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8785 | RFC 8785}
 * @throws RangeError for NaN and infinities, and for nesting deeper than the stack; TypeError for bigint, function and symbol.
 */
export function canonicalJson(value: unknown, mapText: (text: string) => string = asItIs): string {
  if (typeof value === "string") return JSON.stringify(mapText(value));
  if (typeof value === "number") return canonicalNumber(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return canonicalArray(value, mapText);
  if (typeof value === "object") return canonicalObject(value, mapText);
  throw new TypeError(`JSON cannot hold a ${typeof value}`);
}

function asItIs(text: string): string {
  return text;
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`JSON cannot hold ${value}`);
  return Object.is(value, -0) ? "0" : String(value);
}

function canonicalArray(values: readonly unknown[], mapText: (text: string) => string): string {
  let text = "[";
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ",";
    text += canonicalJson(values[i] ?? null, mapText);
  }
  return `${text}]`;
}

function canonicalObject(value: object, mapText: (text: string) => string): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return "{}";
  let text = "{";
  for (const key of inOrder(keys)) {
    const member = Reflect.get(value, key);
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${JSON.stringify(key)}:${canonicalJson(member, mapText)}`;
  }
  return `${text}}`;
}

/** RFC 8785 orders by UTF-16 code units, which is how `sort` and `<` compare strings. What we wrote ourselves is in order already. */
function inOrder(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i++) if ((keys[i] ?? "") < (keys[i - 1] ?? "")) return keys.sort();
  return keys;
}
