import type { AuditFacts, Scope } from "@tilth/core";
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
export interface Answered extends AuditFacts {
  readonly caller?: Caller;
  readonly operation: string;
  readonly status: number;
  /** It was asked to change something, whatever its operation usually does. */
  readonly isChange?: true;
}

/** Keeps answered requests. */
export interface Auditing {
  /** True for what changes something: its entry is durable before it is answered. */
  isChange(call: Pick<Answered, "operation" | "isChange">): boolean;
  /** Resolves once the entry is durable, or was not to be kept, or could not be: then it stands in the log. */
  record(answered: Answered): Promise<void>;
}
