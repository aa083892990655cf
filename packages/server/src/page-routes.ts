import type { JsonObject } from "@tilth/core";
import type { FastifyInstance, FastifyReply } from "fastify";
import { describeApi } from "./openapi.ts";
import { apiPage, errorsPage } from "./openapi-page.ts";
import { icon, pageStyle } from "./page-style.ts";
import type { AnyOperation } from "./request-input.ts";

/** Adds the description of the API, for programs and for people, made when somebody first asks; and the look of all pages. */
export function addPageRoutes(
  app: FastifyInstance,
  { operations, version }: { readonly operations: readonly AnyOperation[]; readonly version: string },
): void {
  const api = once((): JsonObject => describeApi(operations, { version }));
  const documents = {
    "/api/openapi.json": { type: "application/json; charset=utf-8", text: once(() => JSON.stringify(api())) },
    "/api": { type: "text/html; charset=utf-8", text: once(() => apiPage(api())) },
    "/api/errors": { type: "text/html; charset=utf-8", text: once(errorsPage) },
    "/style.css": { type: "text/css; charset=utf-8", text: () => pageStyle },
    "/icon.svg": { type: "image/svg+xml; charset=utf-8", text: () => icon },
    // Asked for by browsers that look at JSON, which names no icon.
    "/favicon.ico": { type: "image/svg+xml; charset=utf-8", text: () => icon },
  };
  for (const [path, { type, text }] of Object.entries(documents)) {
    app.get(path, async (_request, reply): Promise<FastifyReply> =>
      reply.header("content-type", type).header("cache-control", "no-cache").send(text()),
    );
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
