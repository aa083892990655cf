import type { Workspace } from "@tilth/core";
import type { FastifyInstance } from "fastify";
import type { Access } from "./caller.ts";
import { findExported, sendFile } from "./downloads.ts";
import { paramsOf } from "./request-input.ts";
import type { Calls } from "./routes.ts";
import { base } from "./routes.ts";

/** Adds the route of files that exports wrote; HEAD comes with it. */
export function addDownloadRoutes(
  app: FastifyInstance,
  { workspace, access, calls }: { readonly workspace: Workspace; readonly access: Access; readonly calls: Calls },
): void {
  const needs = { name: "export.file", scope: "training_data:read" } as const;
  app.get(`${base}/exports/:folder/*`, { preParsing: calls.guard(needs) }, async (request, reply) => {
    const { folder = "", "*": file = "" } = paramsOf(request);
    const found = await findExported(workspace.paths.exports, folder, file);
    calls.note(request, { object: `${folder}/${file}` });
    access.authorize(calls.callerOf(request), needs.scope, found.dataset);
    return sendFile({ request, reply }, found);
  });
}
