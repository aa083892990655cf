import type { Scope } from "@tilth/core";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Who asks, and what they may do. */
export interface Caller {
  /** `user:ana`, `key:ci` … as audit and provenance show it. */
  readonly actor: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Ids of the datasets they may work with; absent = all. */
  readonly datasets?: ReadonlySet<string>;
  readonly via: "key" | "session" | "loopback";
}

/** Tells who asks and refuses what they may not do. */
export interface Access {
  /** @throws {@link TilthError} `auth/…` where nobody is known by what the request brings. */
  authenticate(request: FastifyRequest): Promise<Caller>;
  /** @throws {@link TilthError} `auth/…`. */
  authorize(caller: Caller, scope: Scope, dataset?: string): void;
}

/** Adds what tells callers apart to the app: cookies, sign-in, rates. */
export type RegisterAccess = (app: FastifyInstance) => Promise<Access>;

/** One answered request, as the audit keeps it. */
export interface Answered {
  readonly caller?: Caller;
  readonly operation: string;
  /** The dataset, example or version it was about. */
  readonly object?: string;
  /** In the filter language. */
  readonly filter?: string;
  /** How many examples, rows or other things the answer is about. */
  readonly count?: number;
  readonly status: number;
}
