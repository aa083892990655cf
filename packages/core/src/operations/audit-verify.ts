import { z } from "zod";
import type { AuditReport } from "../access/audit-verify.ts";
import { auditReportSchema, verifyAudit as verify } from "../access/audit-verify.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({});

/** Proves that nobody changed the audit or took something out of it. */
export const verifyAudit: Operation<"audit.verify", object, AuditReport> = {
  on: "workspace",
  name: "audit.verify",
  title: "Prove that the audit is whole and unchanged",
  http: { method: "POST", path: "/audit/verify" },
  scope: "training_data:admin",
  input,
  output: auditReportSchema,
  body: "json",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, _, { signal, progress }) {
    return verify(await workspace.storage(), {
      progress: ({ done, total }) => progress?.({ step: "verifying the audit", done, total, unit: "rows" }),
      ...(signal === undefined ? {} : { signal }),
    });
  },
};
