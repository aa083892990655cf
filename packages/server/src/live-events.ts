import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { OperationOutput, Workspace } from "@tilth/core";
import { callOperation, refuseOutside, TilthError } from "@tilth/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";
import type { AnyOperation } from "./request-input.ts";
import { inputOf } from "./request-input.ts";
import type { Calls } from "./routes.ts";
import { base } from "./routes.ts";

export interface LiveEvents {
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly calls: Calls;
  /** `pool.changes`, which says what may be asked. */
  readonly changes: AnyOperation;
  /** Aborted when the server has begun to stop. */
  readonly closing: AbortSignal;
}

type Page = OperationOutput<"pool.changes">;

const LOOK_MS = 500;
const BEAT_MS = 15_000;
/** Whoever is farther behind looks at everything anew: that costs less than being told of each change. */
const MOST_BEHIND = 10_000;
const PAGE = 500;
/** After this a reader connects again and shows anew who they are. */
const LIFE_MS = 3_600_000;

/**
 * Adds `events`: changes of the pool as server-sent events, in order and from where a reader left.
 *
 * Nothing waits in memory for a slow reader: each reads the change log at its own pace, a page at a time.
 */
export function addLiveEvents(app: FastifyInstance, { workspace, limits, calls, changes, closing }: LiveEvents): void {
  const host = { folder: workspace.paths.root, workspace: () => Promise.resolve(workspace) };
  const read = (input: { readonly after?: number; readonly dataset?: string; readonly limit?: number }): Promise<Page> =>
    callOperation("pool.changes", input, host, { actor: "server" });
  const news = createNews(async () => (await read({})).seq);
  let readers = 0;

  app.get(`${base}/events`, { preParsing: calls.guard(changes), exposeHeadRoute: false }, async (request, reply) => {
    const wanted = await wantedOf(request, { workspace, calls, changes });
    if (readers >= limits.eventClients)
      throw new TilthError("request/overloaded", { reason: `${readers} readers of changes are connected`, seconds: 30 });
    const now = await read(wanted.dataset === undefined ? {} : { dataset: wanted.dataset });
    const seq = wanted.after ?? now.seq;
    readers++;
    const response = opened(reply, seq);
    const ended = AbortSignal.any([closing, AbortSignal.timeout(LIFE_MS)]);
    await follow({ response, ended, news, seq, read: (after) => read({ ...wanted, after, limit: PAGE }) })
      .catch((error: unknown) => request.log.warn({ reqId: request.id, err: error }, "live events ended"))
      .finally(() => {
        readers--;
        response.end();
      });
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

function opened(reply: FastifyReply, seq: number): ServerResponse {
  const headers = reply.getHeaders();
  reply.hijack();
  const response = reply.raw;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    connection: "close",
  });
  response.write(`retry: 2000\nid: ${seq}\nevent: begin\ndata: {"seq":${seq}}\n\n`);
  return response;
}

interface Following {
  readonly response: ServerResponse;
  readonly ended: AbortSignal;
  readonly news: News;
  readonly seq: number;
  readonly read: (after: number) => Promise<Page>;
}

async function follow({ response, ended, news, seq: first, read }: Following): Promise<void> {
  const beat = setInterval(() => response.write(": still here\n\n"), BEAT_MS);
  const over = new AbortController();
  response.once("close", () => over.abort());
  const stop = AbortSignal.any([ended, over.signal]);
  try {
    for (let seq = first; !stop.aborted;) {
      const newest = await news.after(seq, stop);
      if (newest - seq > MOST_BEHIND) {
        await write(response, `id: ${newest}\nevent: lag\ndata: {"seq":${newest}}\n\n`, stop);
        seq = newest;
        continue;
      }
      const page = await read(seq);
      const text = page.changes.map((change) => `id: ${change.seq}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`).join("");
      if (text !== "") await write(response, text, stop);
      seq = page.seq;
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    clearInterval(beat);
  }
}

/** Resolves when the reader has room for more. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (!response.write(text)) await once(response, "drain", { signal });
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
