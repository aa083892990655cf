import type { MessagePort } from "node:worker_threads";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import type { Bulk } from "./sqlite-bulk.ts";
import { beginBulk, finishBulk } from "./sqlite-bulk.ts";
import { openPool } from "./sqlite-database.ts";
import { FailureError, failureOf } from "./sqlite-errors.ts";
import { refuseDuringBulk, rollBack, runGroup, takeGroup } from "./sqlite-group.ts";
import { createLogKeeper } from "./sqlite-log.ts";
import type { Answer, Hello, Reply, Request, Step, WriterOptions } from "./sqlite-messages.ts";
import { isStep } from "./sqlite-messages.ts";
import { createRunner } from "./sqlite-statements.ts";
import { createTools } from "./sqlite-tools.ts";
import type { Turn } from "./sqlite-turn.ts";
import { createTurn } from "./sqlite-turn.ts";

// The thread that owns the only write connection of its process. Flush when idle: whatever waits when a commit is done makes the next
// group; nothing ever waits for a group to fill.

const options: WriterOptions = workerData;
if (parentPort !== null) start(parentPort);

function start(port: MessagePort): void {
  const say = (hello: Hello): void => port.postMessage(hello);
  try {
    const { database, id, schemaVersion } = openPool(options);
    finishBulk(database, options.path);
    const writer = createWriter(database, createTurn(database, options));
    const log = createLogKeeper(database, options.path);
    const idle = setTimeout(() => database.isOpen && database.exec("PRAGMA shrink_memory"), options.idleMs).unref();
    port.on("message", (requests: readonly Request[]) => {
      writer.receive(requests);
      work(port, writer);
      log.rest();
      idle.refresh();
    });
    say({ opened: { id, schemaVersion } });
  } catch (error) {
    say({ failure: failureOf(error) });
    port.close();
  }
}

/** Works until nothing waits. What arrived during a commit is taken in before the next, so that it makes one group. */
function work(port: MessagePort, writer: Writer): void {
  for (;;) {
    for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
      const requests: readonly Request[] = more.message;
      writer.receive(requests);
    }
    const replies = writer.next();
    if (replies === undefined) return;
    port.postMessage(replies);
    if (writer.isClosed()) return port.close();
  }
}

interface Writer {
  receive(requests: readonly Request[]): void;
  /** Does the next piece of work; undefined where none can be done now. */
  next(): readonly Reply[] | undefined;
  isClosed(): boolean;
}

function createWriter(database: DatabaseSync, turn: Turn): Writer {
  const ownTools = createTools(database, turn);
  let tools = ownTools;
  let bulk: Bulk | undefined;
  const runStatement = createRunner(database);
  const waiting: Request[] = [];
  /** Steps of the transaction that is led from the other thread: they go before everything else. */
  const led: Request[] = [];
  let isLed = false;

  return { receive, next, isClosed: () => !database.isOpen };

  function receive(requests: readonly Request[]): void {
    for (const request of requests) (isOfTransaction(request) ? led : waiting).push(request);
  }

  function next(): readonly Reply[] | undefined {
    const request = isLed ? led.shift() : undefined;
    if (request !== undefined) return [answer(request)];
    if (isLed) return undefined;
    const group = takeGroup(waiting, () => turn.isContested());
    if (group.length > 0) return runGroup(tools, group);
    const single = waiting.shift();
    return single === undefined ? undefined : [answer(single)];
  }

  function answer({ call, work: step }: Request): Reply {
    try {
      return { call, answer: isStep(step) ? take(step) : undefined };
    } catch (error) {
      return { call, failure: failureOf(error) };
    }
  }

  function take(step: Step): Answer {
    switch (step.kind) {
      case "begin":
        return begin();
      case "query":
        return runStatement(step.statement);
      case "commit":
        return end("COMMIT");
      case "rollback":
        return end("ROLLBACK");
      case "begin-bulk":
        bulk ??= beginBulk(ownTools, options.path);
        tools = bulk?.tools ?? ownTools;
        return undefined;
      case "end-bulk":
        return endBulk();
      case "close":
        try {
          return endBulk();
        } finally {
          close(database);
        }
    }
  }

  function endBulk(): undefined {
    bulk?.end();
    bulk = undefined;
    tools = ownTools;
  }

  function begin(): undefined {
    turn.begin();
    try {
      refuseDuringBulk(tools);
      isLed = true;
    } finally {
      if (!isLed) rollBack(tools);
    }
  }

  function end(how: "COMMIT" | "ROLLBACK"): undefined {
    isLed = false;
    try {
      if (how === "COMMIT" && !database.isTransaction)
        throw new FailureError({ code: "storage/failed", reason: "the transaction had ended before" });
      if (how === "COMMIT") database.exec("COMMIT");
      turn.end();
    } finally {
      rollBack(tools);
    }
  }
}

function isOfTransaction({ work: { kind } }: Request): boolean {
  return kind === "query" || kind === "commit" || kind === "rollback";
}

/** Readers of other processes may hold the log, or the disk be full; what is in the log is durable, and whoever closes last cuts it. */
function close(database: DatabaseSync): undefined {
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    const { code } = failureOf(error);
    if (code !== "storage/busy" && code !== "storage/full") throw error;
  } finally {
    database.close();
  }
}
