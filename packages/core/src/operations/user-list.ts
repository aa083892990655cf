import { z } from "zod";
import type { UserSummary } from "../access/users.ts";
import { listUsers as readUsers, userSummaryShape } from "../access/users.ts";
import type { Operation } from "./operation.ts";

export interface ListedUsers {
  /** By name. */
  readonly users: readonly UserSummary[];
}

const input = z.strictObject({});
const output: z.ZodType<ListedUsers> = z.object({ users: z.array(z.object(userSummaryShape)).readonly() });

/** Lists users. */
export const listUsers: Operation<"user.list", object, ListedUsers> = {
  on: "workspace",
  name: "user.list",
  title: "List users and their roles",
  http: { method: "GET", path: "/users" },
  scope: "training_data:admin",
  input,
  output,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  run: async (workspace) => ({ users: await readUsers(await workspace.storage()) }),
};
