import { z } from "zod";
import { TilthError } from "../errors.ts";
import { locate } from "../dataset/locate.ts";
import type { Operation } from "./operation.ts";
import type { VersionDetails } from "./version-details.ts";
import { detailVersion, versionDetailsSchema } from "./version-details.ts";

const input = z.strictObject({
  /** Such as `support@1.2`; a dataset alone means its newest. */
  version: z.string().min(1),
});

/** Shows one version: its rows by kind, tier, label, language and split, its recipe, where it came from. */
export const showVersion: Operation<"version.show", { readonly version: string }, VersionDetails> = {
  on: "workspace",
  name: "version.show",
  title: "Show one version with its statistics",
  http: { method: "GET", path: "/versions/:version" },
  scope: "training_data:read",
  input,
  output: versionDetailsSchema,
  body: "none",
  answer: "json",
  readOnly: true,
  destructive: false,
  idempotent: true,
  async run(workspace, { version }) {
    const objects = await workspace.objects();
    const located = await locate(await workspace.storage(), objects, version);
    if (located.kind === "version") return detailVersion(objects, located.entry, located.manifest);
    throw new TilthError("input/invalid", {
      where: version,
      problem: `what is not committed is no version; \`tilth diff ${located.dataset}\` shows it`,
    });
  },
};
