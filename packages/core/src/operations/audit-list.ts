import { z } from "zod";
import type { AuditPage } from "../access/audit-list.ts";
import { listAudit as readAudit, shownEntrySchema } from "../access/audit-list.ts";
import type { Operation } from "./operation.ts";

const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], { error: "must be a day or a moment, ISO 8601" });

const input = z.strictObject({
  /** Such as `user:ana` or `key:ci`. */
  actor: z.optional(z.string().min(1).max(200)),
  /** An operation's name. */
  action: z.optional(z.string().min(1).max(200)),
  object: z.optional(z.string().min(1).max(1_000)),
  since: z.optional(moment),
  until: z.optional(moment),
  limit: z.int().min(1).max(1_000).default(50),
  cursor: z.optional(z.string()),
});

const output: z.ZodType<AuditPage> = z.object({ entries: z.array(shownEntrySchema).readonly(), next: z.exactOptional(z.string()) });

/** Lists who did what, newest first. */
export const listAudit: Operation<"audit.list", z.output<typeof input>, AuditPage, z.input<typeof input>> = {
  on: "workspace",
  name: "audit.list",
  title: "List who did what, newest first",
  http: { method: "GET", path: "/audit" },
  scope: "training_data:admin",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace, { since, until, actor, action, object, limit, cursor }) =>
    readAudit(await workspace.storage(), {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(actor === undefined ? {} : { actor }),
      ...(action === undefined ? {} : { action }),
      ...(object === undefined ? {} : { object }),
      ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
      ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    }),
};
