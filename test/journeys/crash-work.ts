import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileSource } from "../../packages/core/src/files/source.ts";
import type { OperationContext } from "../../packages/core/src/operations/operation.ts";
import type { OperationInput, OperationName, OperationOutput } from "../../packages/core/src/operations/call.ts";
import { callOperation } from "../../packages/core/src/operations/call.ts";
import type { Storage } from "../../packages/core/src/storage/storage.ts";
import type { Workspace } from "../../packages/core/src/workspace.ts";
import { openWorkspace } from "../../packages/core/src/workspace.ts";

// What the process does that is killed, where what it was told by the pool must be seen from inside.

/** How far the work has come: it began; all rows are in; the pool's indexes are built; all is done. */
export const stages = ["begun", "loaded", "built", "done"] as const;
export type Stage = (typeof stages)[number];

export interface Work {
  readonly root: string;
  /** Ids that were acknowledged go there, a line each, fsynced before the next step. */
  readonly log: string;
  readonly tell: (stage: Stage) => void;
}

/** Imports a file as a pipe would bring it, so that an empty pool is loaded in bulk. */
export async function importAsPipe({ root, log, tell }: Work, file: string): Promise<void> {
  await inWorkspace(root, async (workspace) => {
    const storage = await workspace.storage();
    const watched: Storage = {
      ...storage,
      async capture(rows, options) {
        const captured = await storage.capture(rows, options);
        keep(
          log,
          captured.map(({ id }) => id),
        );
        return captured;
      },
      async bulk(load) {
        const result = await storage.bulk(async () => {
          const loaded = await load();
          tell("loaded");
          return loaded;
        });
        tell("built");
        return result;
      },
    };
    const { sizeBytes: _, ...body } = await fileSource(file);
    tell("begun");
    await call({ ...workspace, storage: async () => watched }, "example.import", { dataset: "all" }, { body });
    tell("done");
  });
}

/** Edits the oldest examples one by one: what they say, and what people note beside it. */
export async function editOldest({ root, log, tell }: Work, count: string): Promise<void> {
  await inWorkspace(root, async (workspace) => {
    const storage = await workspace.storage();
    const oldest = await storage.read(({ queries }) =>
      queries.selectFrom("example").select("id").orderBy("n").limit(Number(count)).execute(),
    );
    tell("begun");
    for (const [i, { id }] of oldest.entries()) {
      await call(workspace, "example.edit", {
        id,
        set: { output: `A better answer, number ${i}.`, feedback: `read by round ${i}`, tags: ["read"] },
      });
      keep(log, [id]);
    }
    tell("done");
  });
}

/** What workspaces hold before the work begins; each step is made of the one before it. */
export const preparations = ["fresh", "filled", "committed", "exported"] as const;
export type Preparation = (typeof preparations)[number];

/** Leads a workspace from one step to the next. */
export async function prepare(root: string, step: Preparation): Promise<void> {
  await inWorkspace(root, async (workspace) => {
    switch (step) {
      case "fresh":
        return;
      case "filled":
        await call(workspace, "example.import", { file: join(root, "first.jsonl"), dataset: "all" });
        return;
      case "committed":
        await call(workspace, "version.create", { dataset: "all", message: "first" });
        await call(workspace, "example.import", { file: join(root, "second.jsonl"), dataset: "all" });
        return;
      case "exported":
        await call(workspace, "dataset.export", { version: "all@1.0", format: "openai-chat", out: join(root, "out") });
        await call(workspace, "version.create", { dataset: "all", message: "later" });
        return;
    }
  });
}

/** As the same person at the command line would. */
function call<Name extends OperationName>(
  workspace: Workspace,
  name: Name,
  input: OperationInput<Name>,
  context: Partial<OperationContext> = {},
): Promise<OperationOutput<Name>> {
  return callOperation(
    name,
    input,
    { folder: workspace.paths.root, workspace: async () => workspace },
    { actor: `user:${userInfo().username}`, ...context },
  );
}

async function inWorkspace(root: string, work: (workspace: Workspace) => Promise<void>): Promise<void> {
  const workspace = await openWorkspace(root, { toolVersion: "0.0.0" });
  try {
    await work(workspace);
  } finally {
    await workspace.close();
  }
}

function keep(log: string, ids: readonly string[]): void {
  const file = openSync(log, "a", 0o600);
  writeSync(file, ids.map((id) => `${id}\n`).join(""));
  fsyncSync(file);
  closeSync(file);
}
