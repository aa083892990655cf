import { z } from "zod";
import { locate } from "../dataset/locate.ts";
import type { VerifyLevel, VerifyReport } from "../dataset/verify.ts";
import { verifyVersions as verify } from "../dataset/verify.ts";
import type { Workspace } from "../workspace.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A dataset, or one version of it such as `support@1.2`; absent = everything. */
  version: z.optional(z.string().min(1)),
  level: z.enum(["quick", "full", "deep"]).default("full"),
});

const count = z.int().min(0);

const output: z.ZodType<VerifyReport> = z.object({
  problems: z.array(z.object({ object: z.string(), problem: z.string(), versions: z.array(z.string()).readonly() })).readonly(),
  versions: count,
  objects: count,
  bytes: count,
});

/** Proves that versions are what they were when they were made. */
export const verifyVersions: Operation<"version.verify", z.output<typeof input>, VerifyReport, z.input<typeof input>> = {
  on: "workspace",
  name: "version.verify",
  title: "Verify versions",
  http: { method: "POST", path: "/verify" },
  scope: "training_data:read",
  runs: "job",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { version, level }, context) {
    return verify({
      ...levelOf(level, workspace),
      objects: await workspace.objects(),
      ...(version === undefined ? {} : await which(workspace, version)),
      progress: ({ objects, bytes }) =>
        context.progress?.({ step: "verifying", done: bytes, unit: "bytes", detail: `${objects.toLocaleString("en-US")} objects` }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
  },
};

function levelOf(level: "quick" | "full" | "deep", workspace: Workspace): VerifyLevel {
  return level === "deep" ? { level, duck: workspace.duck() } : { level };
}

/** `support` is every version of it, `support@1.2` one. */
async function which(workspace: Workspace, text: string): Promise<{ readonly dataset: string; readonly version?: number }> {
  const located = await locate(await workspace.storage(), await workspace.objects(), text.includes("@") ? text : `${text}@pool`);
  return located.kind === "version" ? { dataset: located.dataset, version: located.entry.seq } : { dataset: located.dataset };
}
