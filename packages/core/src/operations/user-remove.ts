import { z } from "zod";
import type { UserSummary } from "../access/users.ts";
import { removeUser as takeAway, userSummaryShape } from "../access/users.ts";
import type { Operation } from "./operation.ts";

const input = z.strictObject({
  /** A name or an id. */
  user: z.string().min(1).max(200),
});
const output: z.ZodType<UserSummary> = z.object(userSummaryShape);

/** Removes a user and ends their sessions; what they did keeps their name. */
export const removeUser: Operation<"user.remove", z.output<typeof input>, UserSummary> = {
  on: "workspace",
  name: "user.remove",
  title: "Remove a user and end their sessions",
  http: { method: "DELETE", path: "/users/:user" },
  scope: "training_data:admin",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: false,
  destructive: true,
  idempotent: false,
  run: async (workspace, { user }) => takeAway(await workspace.storage(), { user, nowMs: workspace.clock.nowMs() }),
};
