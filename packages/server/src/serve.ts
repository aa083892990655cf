import type { OpenOptions, Workspace } from "@tilth/core";
import { createSignInLink, findWorkspace, hasCredentials, lookIntoSpool, openWorkspace, TilthError } from "@tilth/core";
import type { FastifyServerOptions } from "fastify";
import { localUserName, refuseOpenHost, registerAccess } from "./access.ts";
import { signInUrl } from "./access-page.ts";
import type { App } from "./app.ts";
import { createApp } from "./app.ts";
import type { Audit } from "./audit.ts";
import { openAudit } from "./audit.ts";
import type { Limits } from "./limits.ts";
import { defaultLimits } from "./limits.ts";
import { openOperationProcesses } from "./operation-processes.ts";

export interface ServeOptions {
  /** The workspace, or a folder in it. */
  readonly folder: string;
  /** @defaultValue `127.0.0.1` */
  readonly host?: string;
  /** 0 = any that is free. @defaultValue 7420 */
  readonly port?: number;
  readonly toolVersion: string;
  readonly warn?: OpenOptions["warn"];
  readonly limits?: Partial<Limits>;
  /** Addresses of proxies. @defaultValue those of `tilth.yaml` */
  readonly trustProxy?: readonly string[];
  /** Of Fastify: `false`, or what pino takes. @defaultValue `false` */
  readonly logger?: FastifyServerOptions["logger"];
}

/** A server that listens. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:7420`. */
  readonly address: string;
  /** Makes a link that signs in once; nothing where there is a key or a password. The first write takes a moment, so it is asked for by itself. */
  signInLink(): Promise<string | undefined>;
  readonly workspace: Workspace;
  /** Lets requests that are under way end, then closes everything; what takes too long is stopped. */
  close(): Promise<void>;
}

/**
 * Opens a workspace and serves it.
 *
 * @throws {@link TilthError} `server/needs-keys` for a host that others reach while there is no key; `server/cannot-listen`; what opening
 * the workspace throws.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 7420, folder, toolVersion, warn, limits = {}, logger = false, trustProxy } = options;
  const workspace = await openWorkspace(await findWorkspace(folder), {
    toolVersion,
    isServer: true,
    ...(warn === undefined ? {} : { warn }),
  });
  try {
    await refuseOpenHost(workspace, host);
    let audit: Audit | undefined;
    const app = await createApp({
      workspace,
      limits,
      logger,
      trustProxy: trustProxy ?? workspace.config.server?.trustProxy ?? [],
      runner: ({ load, limits: { jobsRestMs }, log }) =>
        openOperationProcesses({
          folder: workspace.paths.root,
          toolVersion,
          isBusy: () => load.delayMs() > jobsRestMs || load.answerMs() > jobsRestMs,
          log,
        }),
      access: async (fastify) => {
        audit = await openAudit({ workspace, log: fastify.log });
        return registerAccess(fastify, { workspace, audit: async (answered) => audit?.record(answered) });
      },
      audit: { isChange: (call) => audit?.isChange(call) ?? true, record: async (answered) => audit?.record(answered) },
      auditLost: () => audit?.lost() ?? 0,
    });
    const address = await listen(app, { host, port });
    bringInWhatWasLeft(workspace).catch((error: unknown) => app.fastify.log.error({ err: error }, "could not drain the spool"));
    return {
      address,
      signInLink: () => linkFor(workspace, address),
      workspace,
      close: () => close(app, { workspace, audit, drainMs: limits.drainMs ?? defaultLimits.drainMs }),
    };
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

/** What was acknowledged before a crash and waits in the spool; without such the room of capture opens with the first event. */
async function bringInWhatWasLeft(workspace: Workspace): Promise<void> {
  if ((await lookIntoSpool(workspace.paths.spool)).segments > 0) await workspace.capture();
}

async function listen({ fastify }: App, { host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  try {
    return await fastify.listen({ host, port });
  } catch (cause) {
    await fastify.close();
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const reason = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause));
    throw new TilthError("server/cannot-listen", { address: `${host}:${port}`, reason }, { cause });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there",
  EACCES: "this user may not",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "nobody knows this host",
};

/** Who starts the first server is the first one in. */
async function linkFor(workspace: Workspace, address: string): Promise<string | undefined> {
  const storage = await workspace.storage();
  if (await hasCredentials(storage)) return undefined;
  const nowMs = workspace.clock.nowMs();
  const { token } = await createSignInLink(storage, { newId: () => workspace.newId(), nowMs, agent: "tilth serve", user: localUserName() });
  return signInUrl(address, token);
}

/** What was stopped may still say so. */
const FAREWELL_MS = 3_000;

interface Closing {
  readonly workspace: Workspace;
  readonly audit: Audit | undefined;
  readonly drainMs: number;
}

async function close(app: App, { workspace, audit, drainMs }: Closing): Promise<void> {
  const late = setTimeout(() => app.stop(), drainMs);
  const over = setTimeout(() => app.fastify.server.closeAllConnections(), drainMs + FAREWELL_MS);
  try {
    await app.fastify.close();
  } finally {
    clearTimeout(late);
    clearTimeout(over);
    await audit?.settle();
    await workspace.close();
  }
}
