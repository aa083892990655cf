import { z } from "zod";
import { createWorkspace } from "../workspace.ts";
import type { FolderOperation } from "./operation.ts";

export interface InitInput {
  /** Names of shipped packs or paths of own ones; later ones win. */
  readonly packs: readonly string[];
}

export interface InitOutput {
  readonly root: string;
  readonly packs: readonly string[];
}

const input = z.strictObject({ packs: z.array(z.string().min(1)).default([]) });
const output: z.ZodType<InitOutput> = z.object({ root: z.string(), packs: z.array(z.string()).readonly() });

/** Makes a workspace in a folder. */
export const initWorkspace: FolderOperation<"workspace.init", InitInput, InitOutput, z.input<typeof input>> = {
  on: "folder",
  name: "workspace.init",
  title: "Make a workspace",
  http: { method: "POST", path: "/workspace" },
  scope: "training_data:admin",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(folder, { packs }) {
    const paths = await createWorkspace(folder, { packs });
    return { root: paths.root, packs };
  },
};
