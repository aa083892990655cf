import { z } from "zod";
import type { NewKey } from "../access/keys.ts";
import { createKey as makeKey, keySummaryShape } from "../access/keys.ts";
import { accessName } from "../access/users.ts";
import { TilthError } from "../errors.ts";
import { roles, scopes as allScopes, scopesOfRole } from "../schema/scope.ts";
import type { Operation } from "./operation.ts";
import { idsOfDatasets } from "./reached-datasets.ts";

const input = z.strictObject({
  name: accessName,
  /** The scopes of a role; `viewer` where neither these nor scopes are given. */
  role: z.optional(z.enum(roles)),
  scopes: z.optional(z.array(z.enum(allScopes)).min(1).max(allScopes.length)),
  /** Names or ids; absent = all. */
  datasets: z.optional(z.array(z.string().min(1)).min(1).max(100)),
  /** Absent = it never expires. */
  expiresInDays: z.optional(z.number().gt(0).max(36_500)),
});

const output: z.ZodType<NewKey> = z.object({ ...keySummaryShape, key: z.string() });

const DAY_MS = 86_400_000;

/** Makes an API key; this answer is the only place where it is whole. */
export const createKey: Operation<"key.create", z.output<typeof input>, NewKey, z.input<typeof input>> = {
  on: "workspace",
  name: "key.create",
  title: "Make an API key, which is shown once",
  http: { method: "POST", path: "/keys" },
  scope: "training_data:admin",
  isSecret: true,
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, { name, role, scopes, datasets, expiresInDays }, { actor }) {
    if (role !== undefined && scopes !== undefined)
      throw new TilthError("input/invalid", { where: "key", problem: "a role and scopes were both given" });
    const storage = await workspace.storage();
    const nowMs = workspace.clock.nowMs();
    return makeKey(storage, {
      id: workspace.newId(),
      name,
      scopes: scopes ?? scopesOfRole[role ?? "viewer"],
      actor,
      nowMs,
      ...(datasets === undefined ? {} : { datasets: await idsOfDatasets(storage, datasets) }),
      ...(expiresInDays === undefined ? {} : { expiresAtMs: Math.round(nowMs + expiresInDays * DAY_MS) }),
    });
  },
};
