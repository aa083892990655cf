import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Chain } from "./sqlite-chain.ts";
import { createChain } from "./sqlite-chain.ts";
import type { Counters } from "./counters.ts";
import { createCounters } from "./counters.ts";
import { createStatementCache } from "./sqlite-statements.ts";
import type { Hanging } from "./sqlite-hanging.ts";
import { createHanging } from "./sqlite-hanging.ts";
import type { Lookups } from "./sqlite-rows.ts";
import { createLookups } from "./sqlite-rows.ts";
import type { Turn } from "./sqlite-turn.ts";

/** What every unit of work uses on the writer's connection. */
export interface Tools {
  readonly database: DatabaseSync;
  readonly turn: Turn;
  /** Prepares a statement once. */
  readonly prepare: (sql: string) => StatementSync;
  readonly counters: Counters;
  readonly hanging: Hanging;
  readonly lookups: Lookups;
  /** The audit's, of this writer. */
  readonly chain: Chain;
  /** True while this writer loads in bulk. */
  readonly isLoading: boolean;
}

/** Prepares the tools on a connection whose schema stands. */
export function createTools(database: DatabaseSync, turn: Turn): Tools {
  const counters = createCounters(database);
  const hanging = createHanging(database, counters);
  return {
    database,
    turn,
    prepare: createStatementCache(database, 300),
    counters,
    hanging,
    lookups: createLookups(database),
    chain: createChain(),
    isLoading: false,
  };
}
