import type { ErrorKind } from "@tilth/core";
import type { Terminal } from "./terminal/terminal.ts";

/** Exit codes by the kind of an error; the one table the whole program follows. */
const exitCodes: { readonly [Kind in ErrorKind]: number } = {
  input: 2,
  "not-found": 2,
  unsupported: 2,
  forbidden: 2,
  data: 3,
  limit: 3,
  conflict: 4,
  storage: 5,
};

const INTERRUPTED = 130;
const UNEXPECTED = 70;

interface KnownError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
}

/** The exit code of a failure: by the error's kind, 130 after Ctrl-C, 70 for what should not happen. */
export function exitCodeOf(error: unknown): number {
  if (isInterrupt(error)) return INTERRUPTED;
  return isKnown(error) ? exitCodes[error.kind] : UNEXPECTED;
}

/** One sentence for a person, or one object for a program. The stack only with TILTH_DEBUG. */
export function printError(terminal: Terminal, error: unknown, where: { readonly command: string }): void {
  if (isInterrupt(error)) {
    terminal.note(`Stopped. What was acknowledged is kept; the same \`tilth ${where.command}\` goes on from there.`);
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (terminal.json)
    terminal.printJson({ error: isKnown(error) ? { code: error.code, kind: error.kind, message } : { code: "unexpected", message } });
  else if (isKnown(error))
    terminal.note(`${terminal.style(["red", "bold"], "error")} ${message} ${terminal.style("dim", `[${error.code}]`)}`);
  else
    terminal.note(
      `${terminal.style(["red", "bold"], "unexpected error")} ${message}. This is a fault of Tilth: TILTH_DEBUG=1 shows where.`,
    );
  if (process.env["TILTH_DEBUG"] !== undefined && error instanceof Error) terminal.note(error.stack ?? "");
}

/** By its shape, so that help and errors do not have to load the whole library. */
function isKnown(error: unknown): error is KnownError {
  return error instanceof Error && error.name === "TilthError" && "code" in error && "kind" in error;
}

function isInterrupt(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
