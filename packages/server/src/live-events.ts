import type { OperationOutput, Workspace } from "@tilth/core";
import { callOperation, refuseOutside } from "@tilth/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { base } from "./base.ts";
import type { Readers } from "./event-stream.ts";
import { eventText, feed, openEvents } from "./event-stream.ts";
import type { AnyOperation } from "./request-input.ts";
import { inputOf } from "./request-input.ts";
import type { Calls } from "./routes.ts";

export interface LiveEvents {
  readonly workspace: Workspace;
  readonly readers: Readers;
  readonly calls: Calls;
  /** `pool.changes`, which says what may be asked. */
  readonly changes: AnyOperation;
  /** Aborted when the server has begun to stop. */
  readonly closing: AbortSignal;
}

type Page = OperationOutput<"pool.changes">;

const LOOK_MS = 500;
/** Whoever is farther behind looks at everything anew: that costs less than being told of each change. */
const MOST_BEHIND = 10_000;
const PAGE = 500;

/**
 * Adds `events`: changes of the pool as server-sent events, in order and from where a reader left.
 *
 * Nothing waits in memory for a slow reader: each reads the change log at its own pace, a page at a time.
 */
export function addLiveEvents(app: FastifyInstance, { workspace, readers, calls, changes, closing }: LiveEvents): void {
  const host = { folder: workspace.paths.root, workspace: () => Promise.resolve(workspace) };
  const read = (input: { readonly after?: number; readonly dataset?: string; readonly limit?: number }): Promise<Page> =>
    callOperation("pool.changes", input, host, { actor: "server" });
  const news = createNews(async () => (await read({})).seq);

  app.get(`${base}/events`, { preParsing: calls.guard(changes), exposeHeadRoute: false }, async (request, reply) => {
    const wanted = await wantedOf(request, { workspace, calls, changes });
    const leave = readers.enter();
    try {
      const now = await read(wanted.dataset === undefined ? {} : { dataset: wanted.dataset });
      const seq = wanted.after ?? now.seq;
      const response = openEvents(reply, eventText({ event: "begin", id: seq, data: { seq } }));
      await feed(response, closing, (write, stop) =>
        follow({ write, stop, news, seq, read: (after) => read({ ...wanted, after, limit: PAGE }) }),
      ).catch((error: unknown) => request.log.warn({ reqId: request.id, err: error }, "live events ended"));
    } finally {
      leave();
    }
  });
  app.addHook("onClose", () => news.close());
}

async function wantedOf(
  request: FastifyRequest,
  { workspace, calls, changes }: Pick<LiveEvents, "workspace" | "calls" | "changes">,
): Promise<{ readonly after?: number; readonly dataset?: string }> {
  const input = inputOf(changes, { request, backups: "" });
  const { actor, datasets } = calls.callerOf(request);
  await refuseOutside(changes, input, { actor, ...(datasets === undefined ? {} : { datasets }) }, () => Promise.resolve(workspace));
  const { dataset, after } = { dataset: undefined, after: undefined, ...Object(input) };
  const last = request.headers["last-event-id"];
  const from = typeof last === "string" && /^\d{1,15}$/.test(last) ? Number(last) : after;
  return { ...(typeof from === "number" ? { after: from } : {}), ...(typeof dataset === "string" ? { dataset } : {}) };
}

interface Following {
  readonly write: (text: string) => Promise<void>;
  readonly stop: AbortSignal;
  readonly news: News;
  readonly seq: number;
  readonly read: (after: number) => Promise<Page>;
}

async function follow({ write, stop, news, seq: first, read }: Following): Promise<void> {
  for (let seq = first; !stop.aborted;) {
    const newest = await news.after(seq, stop);
    if (newest - seq > MOST_BEHIND) {
      await write(eventText({ event: "lag", id: newest, data: { seq: newest } }));
      seq = newest;
      continue;
    }
    const page = await read(seq);
    const text = page.changes.map((change) => eventText({ event: "change", id: change.seq, data: change })).join("");
    if (text !== "") await write(text);
    seq = page.seq;
  }
}

/** Who waits for changes of the pool. */
interface News {
  /** Resolves with how far the pool is once it is farther than this. */
  after(seq: number, signal: AbortSignal): Promise<number>;
  close(): void;
}

/** Looks now and then whether the pool has changed, as long as somebody waits: one look for all of them. */
function createNews(look: () => Promise<number>): News {
  const waiting = new Set<() => void>();
  let newest = 0;
  let timer: NodeJS.Timeout | undefined;

  async function turn(): Promise<void> {
    newest = Math.max(newest, await look().catch(() => newest));
    for (const wake of waiting) wake();
    timer = waiting.size === 0 ? undefined : setTimeout(() => void turn(), LOOK_MS);
    timer?.unref();
  }

  return {
    async after(seq, signal) {
      while (newest <= seq) {
        const woken = Promise.withResolvers<void>();
        const stop = (): void => woken.reject(signal.reason);
        waiting.add(woken.resolve);
        signal.addEventListener("abort", stop, { once: true });
        timer ??= setTimeout(() => void turn(), 0);
        try {
          await woken.promise;
        } finally {
          waiting.delete(woken.resolve);
          signal.removeEventListener("abort", stop);
        }
      }
      return newest;
    },
    close() {
      clearTimeout(timer);
    },
  };
}
