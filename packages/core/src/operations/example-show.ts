import { z } from "zod";
import { exampleSchema } from "../schema/example.ts";
import { findingSchema } from "../schema/finding.ts";
import type { ShownExample } from "../storage/examples.ts";
import { showExample as readExample } from "../storage/examples.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({ id: z.string().min(4, "at least four characters of the id").max(64) });

const output: z.ZodType<ShownExample> = z.object({
  example: exampleSchema,
  findings: z.array(findingSchema).readonly(),
  datasets: z.array(z.string()).readonly(),
});

/** Shows one example with its findings and memberships. */
export const showExample: Operation<"example.show", { readonly id: string }, ShownExample> = {
  on: "workspace",
  name: "example.show",
  title: "Show one example with its findings",
  http: { method: "GET", path: "/examples/:id" },
  scope: "training_data:read",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace, { id }) => readExample(await workspace.storage(), id),
};
