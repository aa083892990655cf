import type { FastifyInstance, FastifyReply, FastifyRequest, preParsingAsyncHookHandler } from "fastify";
import type { Answering } from "./answer.ts";
import { answer } from "./answer.ts";
import type { Answered, Caller } from "./caller.ts";
import type { AnyOperation } from "./request-input.ts";

/** Before the paths of all operations. */
export const base = "/api/training-data";

/** Who asks, found out before a body is read; facts are gathered for the audit as they become known. */
export interface Calls {
  /** Lets a request in, or refuses it: for routes that belong to an operation or need one scope. */
  guard(needs: Pick<AnyOperation, "name" | "scope">): preParsingAsyncHookHandler;
  /** Who asks in a request that was let in. */
  callerOf(request: FastifyRequest): Caller;
  note(request: FastifyRequest, facts: Pick<Answered, "object" | "filter" | "count">): void;
}

/** Adds a route for every operation: parse, call, answer. */
export function addOperationRoutes(
  app: FastifyInstance,
  { operations, calls, answering }: { readonly operations: readonly AnyOperation[]; readonly calls: Calls; readonly answering: Answering },
): void {
  for (const operation of operations) {
    app.route({
      method: operation.http.method,
      url: `${base}${operation.http.path}`,
      // Behind the hooks of all routes, which count requests, and before the body is read.
      preParsing: calls.guard(operation),
      handler: (request: FastifyRequest, reply: FastifyReply) =>
        answer({ operation, request, reply, caller: calls.callerOf(request), note: (facts) => calls.note(request, facts) }, answering),
    });
  }
}

/** Finds the operation that shows what another one changes: the GET of the same path, or of what the path begins with up to its last place. */
export function shownByOf(operations: readonly AnyOperation[]): (operation: AnyOperation) => AnyOperation | undefined {
  const shows = new Map(operations.filter(({ http }) => http.method === "GET").map((operation) => [operation.http.path, operation]));
  return ({ http: { path } }) => {
    const upToLastPlace = /^.*:\w+/.exec(path)?.[0];
    if (upToLastPlace === undefined) return undefined;
    const exact = shows.get(path);
    return exact?.readOnly === true ? exact : shows.get(upToLastPlace);
  };
}
