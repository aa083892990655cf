import { z } from "zod";
import type { Operation } from "./operation.ts";

/** A workspace as forms need it: what one may choose from. */
export interface ShownWorkspace {
  readonly root: string;
  readonly packs: readonly string[];
  /** The packs' words for what an example can be. */
  readonly types: readonly string[];
  /** Names under `import.maps`. */
  readonly maps: readonly string[];
}

const input = z.strictObject({});
const output: z.ZodType<ShownWorkspace> = z.object({
  root: z.string(),
  packs: z.array(z.string()).readonly(),
  types: z.array(z.string()).readonly(),
  maps: z.array(z.string()).readonly(),
});

/** Shows how a workspace is set up. */
export const showWorkspace: Operation<"workspace.show", object, ShownWorkspace> = {
  on: "workspace",
  name: "workspace.show",
  title: "Show how the workspace is set up",
  http: { method: "GET", path: "/workspace" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async ({ paths, packs, config }) => ({
    root: paths.root,
    packs: packs.names,
    types: packs.pack.types ?? [],
    maps: Object.keys(config.import?.maps ?? {}),
  }),
};
