import type { MessagePort } from "node:worker_threads";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import type { AsideOptions, AsideReply, AsideRequest } from "./sqlite-aside-messages.ts";
import { ALL } from "./sqlite-aside-messages.ts";
import { openReader } from "./sqlite-database.ts";
import { failureOf } from "./sqlite-errors.ts";
import type { Statement, StatementResult } from "./sqlite-statements.ts";
import { createRunner } from "./sqlite-statements.ts";

// The thread of reads that would hold up whoever else the main thread serves. One statement of each read under way goes at a time, in the
// order in which they came: of two reads at once none waits for the whole of the other.

/** In kB, negated: there are several of them, and the system keeps the pages as well. */
const CACHE = -6_144;

interface Reader {
  readonly database: DatabaseSync;
  readonly run: (statement: Statement) => StatementResult;
}

const options: AsideOptions = workerData;
if (parentPort !== null) start(parentPort);

function start(port: MessagePort): void {
  const readers = new Map<number, Reader>();
  const closed = new Set<number>();
  const waiting: AsideRequest[] = [];

  port.on("message", (requests: readonly AsideRequest[]) => {
    waiting.push(...requests);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const reply = answer(next);
      if (reply !== undefined) port.postMessage([reply]);
      // What came meanwhile stands behind what waits already.
      for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
        const requests_: readonly AsideRequest[] = more.message;
        waiting.push(...requests_);
      }
    }
  });

  function answer({ call, connection, statement, isLast }: AsideRequest): AsideReply | undefined {
    try {
      if (isLast === true) return close(connection);
      const { database, run } = open(connection);
      if (statement === undefined) {
        if (database.isTransaction) database.exec("COMMIT");
        return undefined;
      }
      if (!database.isTransaction) database.exec("BEGIN");
      return { call, answer: run(statement) };
    } catch (error) {
      return { call, failure: failureOf(error) };
    }
  }

  function close(connection: number): undefined {
    if (connection === ALL) {
      for (const { database } of readers.values()) database.close();
      port.close();
      return;
    }
    closed.add(connection);
    readers.get(connection)?.database.close();
    readers.delete(connection);
  }

  function open(connection: number): Reader {
    if (closed.has(connection)) throw new TypeError("the read has ended");
    const known = readers.get(connection);
    if (known !== undefined) return known;
    const database = openReader(options.path, options.busyTimeoutMs);
    database.exec(`PRAGMA cache_size = ${CACHE}`);
    const opened = { database, run: createRunner(database) };
    readers.set(connection, opened);
    return opened;
  }
}
