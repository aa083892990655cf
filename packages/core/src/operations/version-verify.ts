import { z } from "zod";
import type { Verified } from "../dataset/verify.ts";
import { verifiedSchema, verifyVersions as verify } from "../dataset/verify.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A dataset, or one version of it such as `support@1.2`; absent = everything. */
  dataset: z.optional(z.string().min(1)),
  level: z.enum(["quick", "full", "deep"]).default("full"),
});

/** Proves that versions are what they were when they were made. */
export const verifyVersions: Operation<"version.verify", z.output<typeof input>, Verified, z.input<typeof input>> = {
  on: "workspace",
  name: "version.verify",
  title: "Verify versions",
  http: { method: "POST", path: "/verify" },
  scope: "training_data:read",
  input,
  output: verifiedSchema,
  body: "json",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace, { dataset, level }, context) =>
    verify({
      objects: await workspace.objects(),
      level,
      ...(level === "deep" ? { duck: workspace.duck() } : {}),
      ...(dataset === undefined ? {} : { version: dataset }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      ...(context.progress === undefined ? {} : { progress: context.progress }),
    }),
};
