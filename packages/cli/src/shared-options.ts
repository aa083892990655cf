import type { CommandOption } from "./command.ts";

/** Options that every command has. */
export const sharedOptions: readonly CommandOption[] = [
  { flags: "-w, --workspace <folder>", description: "the workspace; default: the nearest one upward, or TILTH_WORKSPACE" },
  { flags: "--json", description: "print one JSON value instead of text" },
  { flags: "-q, --quiet", description: "no progress, no remarks" },
];
