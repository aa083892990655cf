import type { Failure } from "./sqlite-errors.ts";
import { FailureError, failureOf, isOfOneUnit } from "./sqlite-errors.ts";
import type { Reply, Request, Unit } from "./sqlite-messages.ts";
import { isStep } from "./sqlite-messages.ts";
import type { Tools } from "./sqlite-tools.ts";
import { rowsIn, runUnit } from "./sqlite-units.ts";

/** A unit with the number of the call that waits for it. */
export interface UnitRequest {
  readonly call: number;
  readonly work: Unit;
}

const MOST_UNITS = 512;
/** A larger transaction gains nothing and keeps others waiting. */
const MOST_ROWS = 10_000;
/** Where another process waits, somebody's short write may be among what it has to do. */
const MOST_ROWS_CONTESTED = 1_000;

/** Takes the units off the front of what waits that make one group; none where a step stands there. */
export function takeGroup(waiting: Request[], isContested: () => boolean): readonly UnitRequest[] {
  const mostRows = waiting.length > 1 && isContested() ? MOST_ROWS_CONTESTED : MOST_ROWS;
  const group: UnitRequest[] = [];
  let rows = 0;
  for (const { call, work } of waiting) {
    if (isStep(work) || group.length === MOST_UNITS) break;
    rows += rowsIn(work);
    if (group.length > 0 && rows > mostRows) break;
    group.push({ call, work });
  }
  waiting.splice(0, group.length);
  return group;
}

/**
 * Commits a group in one transaction; what it answers is durable.
 *
 * When a unit fails, the group is rolled back and its units run one by one, so that only the culprit is refused. What is nobody's fault,
 * a full disk or another writer that holds the pool, fails them all.
 */
export function runGroup(tools: Tools, requests: readonly UnitRequest[]): Reply[] {
  try {
    return commit(tools, requests);
  } catch (error) {
    const failure = failureOf(error);
    if (requests.length === 1 || !isOfOneUnit(failure)) return requests.map(({ call }) => ({ call, failure }));
    return requests.flatMap((request) => runGroup(tools, [request]));
  }
}

function commit(tools: Tools, requests: readonly UnitRequest[]): Reply[] {
  const { database, counters, chain, turn } = tools;
  turn.begin();
  try {
    refuseDuringBulk(tools);
    const replies = requests.map(({ call, work }): Reply => ({ call, answer: runUnit(tools, work) }));
    counters.flush();
    database.exec("COMMIT");
    turn.end();
    counters.settle(true);
    chain.settle(true);
    return replies;
  } catch (error) {
    rollBack(tools);
    throw error;
  }
}

/** Some failures end a transaction on their own. */
export function rollBack({ database, counters, chain }: Tools): void {
  if (database.isTransaction) database.exec("ROLLBACK");
  counters.settle(false);
  chain.settle(false);
}

/** While another process loads in bulk, the change log and most indexes are missing. */
export function refuseDuringBulk({ prepare, isLoading }: Tools): void {
  if (isLoading) return;
  const mark = prepare("SELECT value FROM setting WHERE key = 'bulk'").get();
  if (mark !== undefined) throw new FailureError(bulkElsewhere);
}

const bulkElsewhere: Failure = { code: "storage/busy", reason: "it is being filled by a bulk load" };
