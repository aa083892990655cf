import type { AuditFacts } from "@tilth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest, preParsingAsyncHookHandler } from "fastify";
import { answer } from "./answer.ts";
import type { Answering } from "./asked.ts";
import { base } from "./base.ts";
import type { Caller } from "./caller.ts";
import type { AnyOperation } from "./request-input.ts";

/** Who asks, found out before a body is read; facts are gathered for the audit as they become known. */
export interface Calls {
  /** Lets a request in, or refuses it: for routes that belong to an operation or need one scope. */
  guard(needs: Needs): preParsingAsyncHookHandler;
  /** Who asks in a request that was let in. */
  callerOf(request: FastifyRequest): Caller;
  note(request: FastifyRequest, facts: AuditFacts): void;
}

/** What a route asks for. */
export interface Needs extends Pick<AnyOperation, "name" | "scope"> {
  /** It changes something, whatever its operation usually does. */
  readonly isChange?: true;
}

/** Adds a route for every operation: parse, call, answer. */
export function addOperationRoutes(
  app: FastifyInstance,
  { operations, calls, answering }: { readonly operations: readonly AnyOperation[]; readonly calls: Calls; readonly answering: Answering },
): void {
  for (const operation of operations) {
    const { name, http, changesWith } = operation;
    const route = {
      url: `${base}${http.path}`,
      // Behind the hooks of all routes, which count requests, and before the body is read.
      preParsing: [calls.guard(operation)],
      handler: (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
        answer({ operation, request, reply, caller: calls.callerOf(request), note: (facts) => calls.note(request, facts) }, answering),
    };
    app.route({ ...route, method: http.method });
    if (changesWith === undefined) continue;
    const alsoNeeds = calls.guard({ name, scope: changesWith.scope, isChange: true });
    app.route({ ...route, method: "POST", preParsing: [...route.preParsing, alsoNeeds] });
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
