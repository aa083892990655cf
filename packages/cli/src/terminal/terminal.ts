import { styleText } from "node:util";
import type { Progress } from "@tilth/core";
import { createProgressLine } from "./progress.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a command prints: results to standard output, everything else to standard error. */
export interface Terminal {
  /** True when a program reads along: one JSON value on standard output and nothing else. */
  readonly json: boolean;
  /** Columns of the screen; 80 where it is none. */
  readonly width: number;
  print(text?: string): void;
  printJson(value: unknown): void;
  /** Remarks, warnings, errors. */
  note(text: string): void;
  style(style: Style, text: string): string;
  progress(progress: Progress): void;
  /** Takes the progress line away. */
  endProgress(): void;
}

/** The terminal of a process. Colours follow NO_COLOR, FORCE_COLOR and whether standard output is a screen. */
export function processTerminal(options: { readonly json: boolean; readonly color: boolean; readonly quiet: boolean }): Terminal {
  const line = createProgressLine(process.stderr, options.quiet);
  return {
    json: options.json,
    width: process.stdout.columns ?? 80,
    print(text = "") {
      if (options.json) return;
      line.clear();
      process.stdout.write(`${text}\n`);
    },
    printJson(value) {
      line.clear();
      process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
    },
    note(text) {
      line.clear();
      process.stderr.write(`${text}\n`);
    },
    style: (style, text) => (options.color ? styleText(style, text, { stream: process.stdout }) : text),
    progress: (progress) => line.show(progress),
    endProgress: () => line.clear(),
  };
}
