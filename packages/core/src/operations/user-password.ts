import { z } from "zod";
import { makePassword } from "../access/password.ts";
import { setPassword, userSummaryShape } from "../access/users.ts";
import type { Operation } from "./operation.ts";
import type { CreatedUser } from "./user-create.ts";

const input = z.strictObject({
  /** A name or an id. */
  user: z.string().min(1).max(200),
  /** Absent = one is made and told once. */
  password: z.optional(z.string().max(4_000)),
});
const output: z.ZodType<CreatedUser> = z.object({ ...userSummaryShape, password: z.exactOptional(z.string()) });

/** Sets a user's password and ends their sessions. */
export const setUserPassword: Operation<"user.password", z.output<typeof input>, CreatedUser> = {
  on: "workspace",
  name: "user.password",
  title: "Set a user's password and end their sessions",
  http: { method: "POST", path: "/users/:user/password" },
  scope: "training_data:admin",
  isSecret: true,
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: false,
  async run(workspace, { user, password }) {
    const made = password === undefined ? makePassword() : undefined;
    const changed = await setPassword(await workspace.storage(), {
      user,
      password: password ?? made ?? "",
      nowMs: workspace.clock.nowMs(),
    });
    return made === undefined ? changed : { ...changed, password: made };
  },
};
