import type { CommandOption } from "./command.ts";

/** Options that every command has. */
export const sharedOptions: readonly CommandOption[] = [
  { flags: "-w, --workspace <folder>", description: "the workspace; default: the nearest one upward, or TILTH_WORKSPACE" },
  { flags: "--url <address>", description: "ask a server instead, such as http://127.0.0.1:7420; default: TILTH_URL" },
  { flags: "--json", description: "print one JSON value instead of text" },
  { flags: "-q, --quiet", description: "no progress, no remarks" },
];
