import { setTimeout as wait } from "node:timers/promises";
import type { Workspace } from "@tilth/core";
import { isTilthError, loadOperations } from "@tilth/core";
import type { FastifyBaseLogger } from "fastify";
import type { Answered } from "./caller.ts";

/** Keeps who asked for what. */
export interface Audit {
  /** Told after the answer. Resolves once the entry is durable, or was not to be kept, or could not be: then it stands in the log. */
  record(answered: Answered): Promise<void>;
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

const LONGEST_FILTER = 2_000;
const PAUSE_MS = 500;

/** Makes the audit of a server. Entries of many requests share a commit: each is a unit of its own, and the writer groups what waits. */
export async function openAudit({ workspace, log, patienceMs = 120_000 }: AuditOptions): Promise<Audit> {
  const operations = await loadOperations();
  const kinds = new Map<string, Kind>([...ownKinds, ...operations.map((operation) => [operation.name, kindOf(operation)] as const)]);
  const reads = workspace.config.audit?.reads ?? "all";
  const underWay = new Set<Promise<void>>();
  let lost = 0;

  const isKept = ({ operation, caller, status }: Answered): boolean => {
    const kind = kinds.get(operation) ?? "change";
    if (caller === undefined) return operation.startsWith("session."); // who is unknown did nothing yet
    if (status === 403 || kind === "change") return true;
    return reads === "all" || (reads === "exports" && kind === "export");
  };

  const keep = async (answered: Answered): Promise<void> => {
    const entry = entryOf(answered, workspace.clock.nowMs());
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      try {
        await (await workspace.storage()).addAudit([entry]);
        return;
      } catch (error) {
        if (!isTilthError(error) || error.code !== "storage/busy" || performance.now() > untilMs) {
          lost++;
          log.error({ err: error, entry }, "an entry of the audit could not be kept");
          return;
        }
        await wait(PAUSE_MS);
      }
    }
  };

  return {
    async record(answered) {
      if (!isKept(answered)) return;
      const kept = keep(answered);
      underWay.add(kept);
      await kept.finally(() => underWay.delete(kept));
    },
    lost: () => lost,
    async settle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

type Kind = "change" | "read" | "export";

/** What the server does beside operations; whatever stands nowhere is a change. */
const ownKinds: readonly (readonly [string, Kind])[] = [
  ["export.file", "export"],
  ["server.metrics", "read"],
];

/** Whoever may read may export: it changes nothing here and takes much away. */
function kindOf({ readOnly, scope }: { readonly readOnly: boolean; readonly scope: string }): Kind {
  if (readOnly) return "read";
  return scope === "training_data:read" ? "export" : "change";
}

function entryOf({ caller, operation, object = "", filter, count, status }: Answered, atMs: number) {
  return {
    atMs,
    actor: caller?.actor ?? "unknown",
    action: operation,
    object,
    detail: {
      status,
      ...(caller === undefined ? {} : { via: caller.via }),
      ...(filter === undefined ? {} : { filter: filter.slice(0, LONGEST_FILTER).toWellFormed() }),
      ...(count === undefined ? {} : { count }),
    },
  };
}
