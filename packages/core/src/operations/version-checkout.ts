import { join, resolve } from "node:path";
import { z } from "zod";
import type { CheckedOut } from "../dataset/checkout.ts";
import { checkedOutSchema, checkoutVersion as checkout } from "../dataset/checkout.ts";
import { resolveVersion } from "../dataset/refs.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** Such as `support`, `support@latest` or `support@1.2`. */
  version: z.string().min(1),
  out: z.optional(z.string().min(1)),
});

/** Writes a version as plain Parquet files, for tools without Tilth. */
export const checkoutVersion: Operation<"version.checkout", z.output<typeof input>, CheckedOut, z.input<typeof input>> = {
  on: "workspace",
  name: "version.checkout",
  title: "Write a version as Parquet files",
  http: { method: "POST", path: "/checkout" },
  scope: "training_data:read",
  input,
  output: checkedOutSchema,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { version, out }, context) {
    const objects = await workspace.objects();
    const resolved = await resolveVersion(objects, version);
    const folder = out === undefined ? join(workspace.paths.exports, `${resolved.manifest.dataset}-${resolved.manifest.label}`) : resolve(out);
    return checkout({
      objects,
      version: resolved,
      folder,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      ...(context.progress === undefined ? {} : { progress: context.progress }),
    });
  },
};
