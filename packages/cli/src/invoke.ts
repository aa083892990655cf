import { userInfo } from "node:os";
import type * as Core from "@tilth/core";
import type { AuditKind, ErrorKind, OperationContext, Workspace } from "@tilth/core";
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
      const operation = await core.findOperation(name);
      const kind = operation.on === "folder" ? "read" : core.auditKindOf(operation, input);
      const host = {
        folder,
        async workspace() {
          workspace ??= await core.openWorkspace(await core.findWorkspace(folder), {
            toolVersion: version,
            warn: (message) => session.terminal.note(message),
          });
          // An export writes nothing to the pool but its entry: the writer gets ready while it works.
          if (isAudited(core, workspace, kind))
            workspace
              .storage()
              .then((storage) => storage.addAudit([]))
              .catch(() => undefined);
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
      const [done] = await Promise.allSettled([core.callOperation(name, input, host, context)]);
      if (workspace !== undefined && isAudited(core, workspace, kind))
        await keepInAudit(workspace, { name, input, done, actor: context.actor, terminal: session.terminal });
      if (done.status === "rejected") throw done.reason;
      return done.value;
    },
    async close() {
      await workspace?.close();
    },
  };
}

interface AuditedCall {
  readonly name: string;
  readonly input: unknown;
  readonly done: PromiseSettledResult<unknown>;
  readonly actor: string;
  readonly terminal: Terminal;
}

/** Reads of this machine leave no entry: who sits here can read the file. */
function isAudited(core: typeof Core, { config }: Workspace, kind: AuditKind): boolean {
  return kind !== "read" && core.isAudited(kind, config.audit?.reads);
}

/** One entry for a call, as a server keeps it; where it cannot be kept, what was done stands and the person is told. */
async function keepInAudit(workspace: Workspace, { name, input, done, actor, terminal }: AuditedCall): Promise<void> {
  const core = await import("@tilth/core");
  const error = done.status === "rejected" ? done.reason : undefined;
  if (error !== undefined && hadNoEffect(core.isTilthError(error) ? error.kind : undefined)) return;
  try {
    const entry = core.auditEntryOf({
      atMs: workspace.clock.nowMs(),
      actor,
      operation: name,
      via: "cli",
      status: error === undefined ? "done" : core.isTilthError(error) ? error.code : "failed",
      ...core.auditFactsOf(input),
      ...(done.status === "fulfilled" ? core.auditFactsOfOutput(done.value) : {}),
    });
    await (await workspace.storage()).addAudit([entry]);
  } catch (cause) {
    terminal.note(`The audit has no entry of this: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** What was refused before it began; whatever else failed may have come half of its way. */
function hadNoEffect(kind: ErrorKind | undefined): boolean {
  return (
    kind === "input" || kind === "not-found" || kind === "forbidden" || kind === "unsupported" || kind === "conflict" || kind === "storage"
  );
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
