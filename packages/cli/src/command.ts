import type { OperationContext, OperationInput, OperationName, OperationOutput } from "@tilth/core";
import type { Terminal } from "./terminal/terminal.ts";

export interface CommandOption {
  /** As commander writes them: `--where <filter>`. */
  readonly flags: string;
  readonly description: string;
  /** May be given more than once; the values come as a list. */
  readonly repeat?: true;
  readonly choices?: readonly string[];
}

/** Values of the options as they were typed: text, `true` for a flag, lists where they repeat. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** One call of a command. */
export interface CommandCall {
  readonly args: readonly string[];
  readonly options: OptionValues;
  readonly terminal: Terminal;
  /** All that the program offers, for what describes it. */
  readonly commands: readonly Command[];
  /** Calls one operation, in process or on a server. The only way from a command to the product. */
  readonly invoke: Invoke;
  /** The address of the server that is asked, where one is. */
  readonly server?: string;
  /** The same for a workspace elsewhere. */
  inFolder(folder: string): { readonly invoke: Invoke; close(): Promise<void> };
}

export type Invoke = <Name extends OperationName>(
  name: Name,
  input: OperationInput<Name>,
  context?: Pick<OperationContext, "body">,
) => Promise<OperationOutput<Name>>;

/** A command: parses its arguments, calls one operation, prints. Its line in `commands/list.ts` is all that registers it. */
export interface Command {
  /** Equal to the file's name. */
  readonly name: string;
  readonly summary: string;
  /** As commander writes them: `<file> [dataset]`. */
  readonly arguments?: string;
  readonly options: readonly CommandOption[];
  /** Lines as one would type them, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Why it cannot be asked of a server, in words that follow `it`: such as `works on this machine alone`. */
  readonly onlyHere?: string;
  /** Resolves with the exit code: 0 done, 1 the answer is no, 3 nothing was accepted. */
  run(call: CommandCall): Promise<number>;
}
