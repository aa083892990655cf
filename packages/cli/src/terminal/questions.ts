import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks a person, one question a line. */
export interface Questions {
  /**
   * Resolves with the answer without space around it.
   *
   * @throws An `AbortError` when the person leaves with Ctrl-C or Ctrl-D.
   */
  ask(question: string): Promise<string>;
  close(): void;
}

/** True where a person sits in front of both ends: somebody to ask. */
export function isInteractive(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Questions go to standard error, so that standard output holds results alone. */
export function openQuestions(
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Questions {
  const lines = createInterface(streams);
  const left = new AbortController();
  // What is pasted arrives at once: lines that nobody has asked for yet answer the next questions.
  const early: string[] = [];
  lines.on("line", (line) => early.push(line));
  lines.on("close", () => left.abort());
  lines.on("SIGINT", () => lines.close());
  return {
    async ask(question) {
      const given = early.shift();
      if (given !== undefined) streams.output.write(`${question}\n`);
      return (given ?? (await lines.question(question, { signal: left.signal }))).trim();
    },
    close: () => lines.close(),
  };
}

/** Asks until the answer can be read; `read` gives a value, or says what is wrong with the answer. */
export async function askFor<T>(
  questions: Questions,
  question: string,
  read: (answer: string) => { readonly value: T } | { readonly problem: string },
): Promise<T> {
  for (let asked = question; ;) {
    const answer = read(await questions.ask(asked));
    if ("value" in answer) return answer.value;
    asked = `  ${answer.problem}\n${question}`;
  }
}

/**
 * Asks for what nobody may read over a shoulder: what is typed is not shown.
 *
 * @throws An `AbortError` when the person leaves.
 */
export async function askSecret(
  question: string,
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<string> {
  const { input, output } = streams;
  // Editing a line needs somewhere to draw it: here nobody looks.
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: unseen, terminal: true });
  const left = new AbortController();
  for (const event of ["SIGINT", "close"] as const) lines.once(event, () => left.abort());
  output.write(question);
  try {
    return (await lines.question("", { signal: left.signal })).trim();
  } finally {
    lines.close();
    output.write("\n");
  }
}

/** Yes or no; anything but a yes is a no. */
export async function confirm(question: string): Promise<boolean> {
  const questions = openQuestions();
  try {
    return /^y(?:es)?$/i.test(await questions.ask(`${question} [y/N] `));
  } catch (error) {
    if (hasLeft(error)) return false;
    throw error;
  } finally {
    questions.close();
  }
}

/** True for what {@link Questions.ask} throws when the person leaves. */
export function hasLeft(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
