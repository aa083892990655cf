import type { Workspace } from "@tilth/core";
import { callOperation, TilthError } from "@tilth/core";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "./metrics.ts";
import type { Runner } from "./operation-runner.ts";
import type { Calls } from "./routes.ts";

export interface WatchRoutes {
  readonly workspace: Workspace;
  readonly metrics: Metrics;
  readonly calls: Calls;
  readonly runner: Runner;
}

/** Adds what watches a server: whether it works, whether it answers, its figures. The first two are for everybody and say little. */
export function addWatchRoutes(app: FastifyInstance, { workspace, metrics, calls, runner }: WatchRoutes): void {
  const host = { folder: workspace.paths.root, workspace: () => Promise.resolve(workspace) };

  app.get("/health", async (_request, reply) => {
    const { directories_ok, timestamp, version, degraded: found } = await callOperation("workspace.health", {}, host, { actor: "server" });
    const reason = runner.problem();
    const degraded = reason === undefined ? found : [...found, { part: "jobs", reason, wayOut: "The server's log may say more." }];
    const status = degraded.length === 0 ? "healthy" : "degraded";
    return reply.header("cache-control", "no-store").send({ status, directories_ok, timestamp, version, degraded });
  });

  app.get("/ready", async (_request, reply) => {
    const health = await callOperation("workspace.health", {}, host, { actor: "server" });
    if (health.degraded.some(({ part }) => part === "pool"))
      throw new TilthError("request/overloaded", { reason: "the pool cannot be read", seconds: 10 });
    return reply.header("cache-control", "no-store").send({ ready: true });
  });

  app.get("/metrics", { preParsing: calls.guard({ name: "server.metrics", scope: "training_data:read" }) }, async (_request, reply) => {
    const { text, type } = await metrics.read();
    return reply.header("content-type", type).header("cache-control", "no-store").send(text);
  });
}
