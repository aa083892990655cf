import { z } from "zod";
import { makePassword } from "../access/password.ts";
import type { UserSummary } from "../access/users.ts";
import { accessName, createUser as makeUser, userSummaryShape } from "../access/users.ts";
import { roles } from "../schema/scope.ts";
import type { Operation } from "./operation.ts";
import { idsOfDatasets } from "./reached-datasets.ts";

/** A user, with the password where it was made here: this is the only place where it is told. */
export interface CreatedUser extends UserSummary {
  readonly password?: string;
}

const input = z.strictObject({
  name: accessName,
  role: z.enum(roles).default("viewer"),
  /** Absent = one is made and told once. */
  password: z.optional(z.string().max(4_000)),
  /** Names or ids; absent = all. */
  datasets: z.optional(z.array(z.string().min(1)).min(1).max(100)),
});

const output: z.ZodType<CreatedUser> = z.object({ ...userSummaryShape, password: z.exactOptional(z.string()) });

/** Makes a user who may sign in. */
export const createUser: Operation<"user.create", z.output<typeof input>, CreatedUser, z.input<typeof input>> = {
  on: "workspace",
  name: "user.create",
  title: "Make a user who may sign in",
  http: { method: "POST", path: "/users" },
  scope: "training_data:admin",
  isSecret: true,
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, { name, role, password, datasets }, { actor }) {
    const storage = await workspace.storage();
    const made = password === undefined ? makePassword() : undefined;
    const user = await makeUser(storage, {
      id: workspace.newId(),
      name,
      role,
      password: password ?? made ?? "",
      actor,
      nowMs: workspace.clock.nowMs(),
      ...(datasets === undefined ? {} : { datasets: await idsOfDatasets(storage, datasets) }),
    });
    return made === undefined ? user : { ...user, password: made };
  },
};
