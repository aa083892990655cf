import { TilthError } from "../errors.ts";
import { fileSource, standardInput } from "../files/source.ts";

/** As one call takes them. */
const BATCH_EVENTS = 500;

/**
 * Reads events for `event.capture` from a file, or from standard input with `-`: JSON Lines, or one JSON array; in batches that one call
 * takes, as they come. A line that is no JSON stays the text it is, so that the answer names it.
 *
 * Memory is constant for lines, and that of the file for an array.
 *
 * @throws {@link TilthError} what reading throws; `input/invalid` for an array that cannot be parsed.
 */
export async function* readEvents(path: string): AsyncGenerator<readonly unknown[]> {
  const source = path === "-" ? standardInput() : await fileSource(path);
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let isArray: boolean | undefined;
  for await (const chunk of source.open()) {
    rest += decoder.decode(chunk, { stream: true });
    isArray ??= rest.trim() === "" ? undefined : rest.trimStart().startsWith("[");
    if (isArray !== false) continue;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* batchesOf(lines.flatMap(valuesOf));
  }
  rest += decoder.decode();
  yield* batchesOf(isArray === true ? arrayOf(rest, path) : valuesOf(rest));
}

function* batchesOf(values: readonly unknown[]): Generator<readonly unknown[]> {
  for (let first = 0; first < values.length; first += BATCH_EVENTS) yield values.slice(first, first + BATCH_EVENTS);
}

function valuesOf(line: string): readonly unknown[] {
  if (line.trim() === "") return [];
  try {
    const value: unknown = JSON.parse(line);
    return [value];
  } catch {
    return [line];
  }
}

function arrayOf(text: string, path: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // said below
  }
  throw new TilthError("input/invalid", { where: path, problem: "it begins as a JSON array and is none" });
}
