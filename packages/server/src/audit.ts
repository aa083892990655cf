import { setTimeout as wait } from "node:timers/promises";
import type { AuditKind, Workspace } from "@tilth/core";
import { auditEntryOf, auditKindOf, isAudited, isTilthError, loadOperations } from "@tilth/core";
import type { FastifyBaseLogger } from "fastify";
import type { Answered, Auditing } from "./caller.ts";
import type { AnyOperation } from "./request-input.ts";

/** Keeps who asked for what. */
export interface Audit extends Auditing {
  /** How many entries could not be kept. */
  lost(): number;
  /** Resolves when all that was recorded is durable; before the workspace is closed. */
  settle(): Promise<void>;
}

export interface AuditOptions {
  readonly workspace: Workspace;
  readonly log: Pick<FastifyBaseLogger, "error">;
  /** How long an entry waits for a pool that another process keeps busy. @defaultValue 120_000 */
  readonly patienceMs?: number;
}

const PAUSE_MS = 500;
const ENTRIES_A_WRITE = 500;
/**
 * Entries of reads, which stand in the audit after the answer, wait so long for others: each commit would empty the page caches of those who read
 * the pool.
 */
const GATHER_MS = 1_000;

type AuditEntry = ReturnType<typeof auditEntryOf>;

/** Makes the audit of a server. Entries of requests that are answered together are written together. */
export async function openAudit({ workspace, log, patienceMs = 120_000 }: AuditOptions): Promise<Audit> {
  const operations = await loadOperations();
  const kinds = new Map<string, AuditKind>([
    ...ownKinds,
    ...operations.map((operation) => [operation.name, auditKindOf(operation)] as const),
  ]);
  const kindOf = ({ operation, isChange }: Pick<Answered, "operation" | "isChange">): AuditKind =>
    isChange === true ? "change" : (kinds.get(operation) ?? "change");
  const afterwards = new Set(operations.flatMap((operation: AnyOperation) => (operation.audited === "afterwards" ? [operation.name] : [])));
  const underWay = new Set<Promise<void>>();
  const waiting: { readonly entry: AuditEntry; readonly done: PromiseWithResolvers<void> }[] = [];
  let isWriting = false;
  let isUrgent = false;
  let gathering: NodeJS.Timeout | undefined;
  let lost = 0;

  const isKept = (answered: Answered): boolean => {
    if (answered.caller === undefined) return answered.operation.startsWith("session."); // who is unknown did nothing yet
    return answered.status === 403 || isAudited(kindOf(answered), workspace.config.audit?.reads);
  };

  const isAwaited = (call: Pick<Answered, "operation" | "isChange">): boolean =>
    kindOf(call) === "change" && !afterwards.has(call.operation);

  const keep = (answered: Answered): Promise<void> => {
    const done = Promise.withResolvers<void>();
    waiting.push({ entry: entryOf(answered, workspace.clock.nowMs()), done });
    isUrgent ||= isAwaited(answered) || waiting.length >= ENTRIES_A_WRITE;
    if (isUrgent && !isWriting) void writeAll();
    else gathering ??= setTimeout(() => void writeAll(), GATHER_MS);
    return done.promise;
  };

  /** What waits when one write is done makes the next, where somebody waits for it. */
  const writeAll = async (): Promise<void> => {
    clearTimeout(gathering);
    gathering = undefined;
    if (isWriting) return;
    isWriting = true;
    do {
      isUrgent = false;
      const some = waiting.splice(0);
      for (let at = 0; at < some.length; at += ENTRIES_A_WRITE) await write(some.slice(at, at + ENTRIES_A_WRITE).map(({ entry }) => entry));
      for (const { done } of some) done.resolve();
    } while (isUrgent);
    isWriting = false;
    if (waiting.length > 0) gathering ??= setTimeout(() => void writeAll(), GATHER_MS);
  };

  const write = async (entries: readonly AuditEntry[]): Promise<void> => {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      try {
        await (await workspace.storage()).addAudit(entries);
        return;
      } catch (error) {
        if (!isTilthError(error) || error.code !== "storage/busy" || performance.now() > untilMs) {
          lost += entries.length;
          for (const entry of entries) log.error({ err: error, entry }, "an entry of the audit could not be kept");
          return;
        }
        await wait(PAUSE_MS);
      }
    }
  };

  return {
    isChange: isAwaited,
    async record(answered) {
      if (!isKept(answered)) return;
      const kept = keep(answered);
      underWay.add(kept);
      await kept.finally(() => underWay.delete(kept));
    },
    lost: () => lost,
    async settle() {
      while (underWay.size > 0) {
        isUrgent = true;
        void writeAll();
        await Promise.all(underWay);
      }
    },
  };
}

/** What the server does beside operations; whatever stands nowhere is a change. */
const ownKinds: readonly (readonly [string, AuditKind])[] = [
  ["export.file", "export"],
  ["import.file", "export"],
  ["job.events", "read"],
  ["page.home", "read"],
  ["server.metrics", "read"],
];

function entryOf(answered: Answered, atMs: number): AuditEntry {
  const { caller, isChange: _, ...facts } = answered;
  return auditEntryOf({ atMs, actor: caller?.actor ?? "unknown", ...facts, ...(caller === undefined ? {} : { via: caller.via }) });
}
