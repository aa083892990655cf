import { z } from "zod";
import type { UserSummary } from "../access/users.ts";
import { updateUser as changeUser, userSummaryShape } from "../access/users.ts";
import { roles } from "../schema/scope.ts";
import type { Operation } from "./operation.ts";
import { idsOfDatasets } from "./reached-datasets.ts";

const input = z.strictObject({
  /** A name or an id. */
  user: z.string().min(1).max(200),
  role: z.optional(z.enum(roles)),
  /** Names or ids; `all` takes the limit away. */
  datasets: z.optional(z.union([z.literal("all"), z.array(z.string().min(1)).min(1).max(100)])),
});
const output: z.ZodType<UserSummary> = z.object(userSummaryShape);

/** Changes what a user may do, from the next request on. */
export const updateUser: Operation<"user.update", z.output<typeof input>, UserSummary> = {
  on: "workspace",
  name: "user.update",
  title: "Change a user's role or datasets",
  http: { method: "PATCH", path: "/users/:user" },
  scope: "training_data:admin",
  input,
  output,
  body: "json",
  answer: "json",
  readOnly: false,
  destructive: false,
  idempotent: true,
  async run(workspace, { user, role, datasets }) {
    const storage = await workspace.storage();
    const ids = datasets === undefined || datasets === "all" ? datasets : await idsOfDatasets(storage, datasets);
    return changeUser(storage, {
      user,
      nowMs: workspace.clock.nowMs(),
      ...(role === undefined ? {} : { role }),
      ...(ids === undefined ? {} : { datasets: ids }),
    });
  },
};
