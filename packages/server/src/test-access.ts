import { appendFile, mkdtemp, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Writable } from "node:stream";
import type { OperationInput, OperationName, OperationOutput, Workspace } from "@tilth/core";
import { callOperation, createWorkspace, openWorkspace } from "@tilth/core";
import type { AccessOptions } from "./access.ts";
import { registerAccess } from "./access.ts";
import { createApp } from "./app.ts";
import type { Audit } from "./audit.ts";
import { openAudit } from "./audit.ts";

/** What a request got, whatever its status. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
  readonly json: any;
  /** `name=value` of the cookie that was set. */
  readonly cookie: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A server with the real access and audit on a socket of its own. */
export interface AccessServer {
  readonly workspace: Workspace;
  readonly audit: Audit;
  readonly port: number;
  /** All that was logged. */
  log(): string;
  readonly clock: { nowMs(): number; forward(ms: number): void };
  /** Asks with exactly these headers; `fetch` would not let a test set Host or Origin. */
  ask(path: string, options?: Ask): Promise<Got>;
  call<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>>;
  /** Runs SQL behind the server's back. */
  meddle(sql: string): void;
  end(): Promise<void>;
}

export async function startAccessServer(
  options: Partial<AccessOptions> & { readonly config?: string; readonly trustProxy?: readonly string[] } = {},
): Promise<AccessServer> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-access-"));
  const { config } = await createWorkspace(folder, { packs: [] });
  if (options.config !== undefined) await appendFile(config, `\n${options.config}\n`);
  const clock = movableClock();
  const workspace = await openWorkspace(folder, { toolVersion: "0.0.0", clock });
  const { text, stream } = caughtText();
  const audit = await openAudit({ workspace, log: { error: (...given: unknown[]) => stream.write(JSON.stringify(given)) } });
  const app = await createApp({
    workspace,
    access: (fastify) =>
      registerAccess(fastify, { workspace, audit: (answered) => audit.record(answered), localUser: "os-user", ...options }),
    audit,
    ...(options.trustProxy === undefined ? {} : { trustProxy: options.trustProxy }),
    limits: { loopDelayMs: Infinity },
    logger: { level: "trace", stream },
  });
  const port = Number(new URL(await app.fastify.listen({ host: "127.0.0.1", port: 0 })).port);
  return {
    workspace,
    audit,
    port,
    log: text,
    clock,
    ask: (path, asked) => ask(port, path, asked),
    call: (name, input) => callOperation(name, input, { folder, workspace: () => Promise.resolve(workspace) }, { actor: "user:test" }),
    meddle(sql) {
      const database = new DatabaseSync(workspace.paths.pool, { timeout: 10_000 });
      database.exec(sql);
      database.close();
    },
    async end() {
      app.stop();
      await app.fastify.close();
      await audit.settle();
      await workspace.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function movableClock() {
  let aheadMs = 0;
  return { nowMs: () => Date.now() + aheadMs, forward: (ms: number) => void (aheadMs += ms) };
}

function caughtText(): { readonly text: () => string; readonly stream: Writable } {
  const pieces: string[] = [];
  const stream = new Writable({
    write(piece, _, done) {
      pieces.push(String(piece));
      done();
    },
  });
  return { text: () => pieces.join(""), stream };
}

function ask(port: number, path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Got> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const typed = content === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(content)) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: "127.0.0.1", port, path, method, headers: { host: `127.0.0.1:${port}`, ...typed, ...headers } },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () => {
          const text = Buffer.concat(pieces).toString();
          const cookie = (response.headers["set-cookie"]?.[0] ?? "").split(";")[0] ?? "";
          const isJson = response.headers["content-type"]?.includes("json") === true;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
            cookie,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(content);
  });
}
