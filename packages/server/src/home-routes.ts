import { basename } from "node:path";
import type { Workspace } from "@tilth/core";
import { callOperation, isTilthError } from "@tilth/core";
import type { FastifyInstance, preParsingAsyncHookHandler } from "fastify";
import { homePage, homeScript } from "./home-page.ts";
import { statusOf } from "./problems.ts";
import type { Calls } from "./routes.ts";

const SHOWN_JOBS = 6;

/** Adds the first page a browser meets; who has not signed in is led to where one does. */
export function addHomePage(app: FastifyInstance, { workspace, calls }: { readonly workspace: Workspace; readonly calls: Calls }): void {
  const host = { folder: workspace.paths.root, workspace: () => Promise.resolve(workspace) };
  const guard = calls.guard({ name: "page.home", scope: "training_data:read" });

  app.get("/", { preParsing: orSignIn(guard) }, async (request, reply) => {
    const caller = calls.callerOf(request);
    const { actor, datasets: reached } = caller;
    const context = { actor, ...(reached === undefined ? {} : { datasets: reached }) };
    const [health, { datasets }, { jobs }] = await Promise.all([
      callOperation("workspace.health", {}, host, { actor }),
      callOperation("dataset.list", {}, host, context),
      callOperation("job.list", { limit: SHOWN_JOBS }, host, context),
    ]);
    const stats = reached === undefined ? await callOperation("pool.stats", {}, host, context) : undefined;
    const shown = { health, datasets, jobs, nowMs: workspace.clock.nowMs() };
    const facts = { caller, name: basename(workspace.paths.root), ...shown, ...(stats === undefined ? {} : { stats }) };
    return reply.type("text/html; charset=utf-8").header("cache-control", "no-store").send(homePage(facts));
  });

  app.get("/home.js", async (_request, reply) =>
    reply.type("text/javascript; charset=utf-8").header("cache-control", "no-cache").send(homeScript),
  );
}

/** A refusal that signing in would help against becomes the way there. */
function orSignIn(guard: preParsingAsyncHookHandler): preParsingAsyncHookHandler {
  return async function lead(request, reply, payload) {
    try {
      return await guard.call(this, request, reply, payload);
    } catch (error) {
      if (!isTilthError(error) || statusOf(error) !== 401) throw error;
      // From a link on another site a browser brings no session: asked again by this page itself, it does.
      if (request.headers["sec-fetch-site"] === "cross-site")
        return reply.code(200).header("refresh", "0; url=/").type("text/html; charset=utf-8").send("");
      return reply.redirect("/sign-in");
    }
  };
}
