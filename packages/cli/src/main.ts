import { Command as Commander, CommanderError, Option } from "commander";
import type { Command, OptionValues } from "./command.ts";
import { commands } from "./commands/list.ts";
import { exitCodeOf, printError } from "./failure.ts";
import type { InProcess } from "./invoke.ts";
import { invokeInProcess } from "./invoke.ts";
import { serverOf } from "./server-address.ts";
import { sharedOptions } from "./shared-options.ts";
import { processTerminal } from "./terminal/terminal.ts";
import { version } from "./version.ts";

const LEGEND = `
Exit codes: 0 done · 1 the answer is no · 2 wrong call · 3 nothing was accepted, or a limit · 4 conflict · 5 storage
Colours follow NO_COLOR; progress goes to standard error; --json prints one JSON value for programs.`;

/**
 * Runs one command line.
 *
 * @param argv - The arguments after the program's name.
 * @returns The exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", unlessNobodyReads);
  const program = new Commander("tilth")
    .description("Turns what applications and people do into training data one would bet a model on.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", LEGEND)
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .exitOverride();
  for (const command of commands) {
    program.addCommand(
      built(command, async (args, options) => {
        exitCode = await runCommand(command, args, options);
      }),
    );
  }
  if (argv.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

/** Whoever reads along may leave early, as `head` does: the work goes on, what is printed is lost. */
function unlessNobodyReads(error: Error): void {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
}

/** A command as commander knows it, with the options every command has. */
function built(command: Command, action: (args: readonly string[], options: OptionValues) => Promise<void>): Commander {
  const program = new Commander(command.name)
    .summary(command.summary)
    .description(command.summary)
    .helpOption("-h, --help", "show help")
    .exitOverride();
  if (command.arguments !== undefined) program.arguments(command.arguments);
  for (const { flags, description, repeat, choices } of [...command.options, ...sharedOptions]) {
    const option = new Option(flags, description);
    if (choices !== undefined) option.choices(choices);
    if (repeat === true) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    program.addOption(option);
  }
  program.addHelpText("after", exampleText(command.examples));
  program.action(async (...values: unknown[]) => {
    const args = values
      .slice(0, -2)
      .flatMap((value) => (Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : []));
    await action(args, program.opts<OptionValues>());
  });
  return program;
}

function exampleText(examples: Command["examples"]): string {
  const width = Math.max(0, ...examples.map((example) => example[0].length));
  return `\nExamples:\n${examples.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`).join("\n")}\n`;
}

/** Runs a command's own code; whatever fails becomes one clear sentence and an exit code. */
async function runCommand(command: Command, args: readonly string[], options: OptionValues): Promise<number> {
  const terminal = processTerminal({ json: options["json"] === true, color: true, quiet: options["quiet"] === true });
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once("SIGINT", onInterrupt);
  process.once("SIGTERM", onInterrupt);
  // A command that works elsewhere tells the story itself: remarks of single steps would come before it.
  const inFolder = (folder: string): InProcess =>
    invokeInProcess({ options: { ...options, workspace: folder, quiet: true }, terminal, signal: stop.signal });
  try {
    const server = await serverOf(command, options);
    const session = await sessionOf({ options, terminal, signal: stop.signal }, server);
    const told = server === undefined ? {} : { server };
    const run = command.run({ args, options, terminal, commands, invoke: session.invoke, inFolder, ...told });
    return await closedAfter(run, session);
  } catch (error) {
    terminal.endProgress();
    printError(terminal, error, { command: command.name });
    return exitCodeOf(error);
  } finally {
    terminal.endProgress();
    process.removeListener("SIGINT", onInterrupt);
    process.removeListener("SIGTERM", onInterrupt);
  }
}

/** Where operations are carried out: here, or on a server. */
async function sessionOf(given: Parameters<typeof invokeInProcess>[0], server: string | undefined): Promise<InProcess> {
  if (server === undefined) return invokeInProcess(given);
  const { invokeRemote } = await import("./invoke-remote.ts");
  return invokeRemote({ ...given, server });
}

/** Closes what a command opened, whatever became of it; the command's own failure is the one that is told. */
async function closedAfter<T>(run: Promise<T>, session: InProcess): Promise<T> {
  const [ended] = await Promise.allSettled([run]);
  const [closed] = await Promise.allSettled([session.close()]);
  if (ended.status === "rejected") throw ended.reason;
  if (closed.status === "rejected") throw closed.reason;
  return ended.value;
}
