import type { Workspace } from "@tilth/core";
import type { FastifyInstance } from "fastify";
import type { Access } from "./caller.ts";
import type { Found } from "./downloads.ts";
import { findExported, findRejected, sendFile } from "./downloads.ts";
import { paramsOf } from "./request-input.ts";
import type { Calls } from "./routes.ts";
import { base } from "./base.ts";

/** Adds the routes of files that exports and imports wrote; HEAD comes with them. */
export function addDownloadRoutes(
  app: FastifyInstance,
  { workspace, access, calls }: { readonly workspace: Workspace; readonly access: Access; readonly calls: Calls },
): void {
  const add = (name: string, path: string, find: (folder: string, file: string) => Promise<Found>): void => {
    const needs = { name, scope: "training_data:read" } as const;
    app.get(`${base}/${path}/:folder/*`, { preParsing: calls.guard(needs) }, async (request, reply) => {
      const { folder = "", "*": file = "" } = paramsOf(request);
      const found = await find(folder, file);
      calls.note(request, { object: `${folder}/${file}` });
      // Where nobody knows whose examples it holds, it is for those who reach all of them.
      for (const dataset of found.datasets ?? [`${path}/${folder}`]) access.authorize(calls.callerOf(request), needs.scope, dataset);
      return sendFile({ request, reply }, found);
    });
  };
  add("export.file", "exports", (folder, file) => findExported(workspace.paths.exports, folder, file));
  add("import.file", "imports", (folder, file) => findRejected(workspace.paths.imports, folder, file));
}
