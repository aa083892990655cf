import { userInfo } from "node:os";
import type { OperationContext, Workspace } from "@tilth/core";
import type { Invoke, OptionValues } from "./command.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { version } from "./version.ts";

/** A command's way to the operations of this process: the workspace is opened at the first call and closed at the end. */
export interface InProcess {
  readonly invoke: Invoke;
  close(): Promise<void>;
}

/** Loads the library only when a command calls it: help and completion stay quick. */
export function invokeInProcess(session: {
  readonly options: OptionValues;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): InProcess {
  let workspace: Workspace | undefined;
  return {
    async invoke(name, input, extra = {}) {
      const core = await import("@tilth/core");
      const folder = folderOf(session.options);
      const host = {
        folder,
        async workspace() {
          workspace ??= await core.openWorkspace(await core.findWorkspace(folder), {
            toolVersion: version,
            warn: (message) => session.terminal.note(message),
          });
          return workspace;
        },
      };
      const context: OperationContext = {
        actor: actor(),
        signal: session.signal,
        progress: (progress) => session.terminal.progress(progress),
        remark: (message) => session.options["quiet"] !== true && session.terminal.note(message),
        ...extra,
      };
      return core.callOperation(name, input, host, context);
    },
    async close() {
      await workspace?.close();
    },
  };
}

/** Where to look for the workspace: named, from the environment, or here. */
function folderOf(options: OptionValues): string {
  const named = options["workspace"];
  return typeof named === "string" ? named : (process.env["TILTH_WORKSPACE"] ?? process.cwd());
}

function actor(): string {
  try {
    return `user:${userInfo().username}`;
  } catch {
    return "user:unknown";
  }
}
