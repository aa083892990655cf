import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OperationInput, OperationName, OperationOutput, Workspace } from "@tilth/core";
import { callOperation, createWorkspace, openWorkspace } from "@tilth/core";
import { registerAccess } from "./access.ts";
import type { App, AppOptions } from "./app.ts";
import { createApp } from "./app.ts";
import type { Answered } from "./caller.ts";

/** A server on a port of its own, with a workspace of its own behind it. */
export interface TestServer {
  readonly folder: string;
  readonly workspace: Workspace;
  readonly app: App;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** What was answered, as the audit hears of it. */
  readonly answered: Answered[];
  /** Fetches a path below `/api/training-data`. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The same with a JSON body. */
  send(method: string, path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Calls an operation behind the server's back. */
  call<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>>;
  end(): Promise<void>;
}

/** Starts a server on a new workspace. */
export async function startTestServer(options: Partial<AppOptions> & { readonly packs?: readonly string[] } = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "tilth-server-"));
  await createWorkspace(folder, { packs: options.packs ?? [] });
  const workspace = await openWorkspace(folder, { toolVersion: "0.0.0" });
  const answered: Answered[] = [];
  const app = await createApp({
    workspace,
    access: (fastify) => registerAccess(fastify, { workspace, rates: { caller: 1e9, stranger: 1e9 }, localUser: "test" }),
    audit: { isChange: () => true, record: async (one) => void answered.push(one) },
    ...options,
    // The machine of the tests may be busy with others.
    limits: { loopDelayMs: Infinity, ...options.limits },
  });
  const origin = await app.fastify.listen({ host: "127.0.0.1", port: 0 });
  const fetchPath = (path: string, init?: RequestInit): Promise<Response> => fetch(`${origin}/api/training-data${path}`, init);
  return {
    folder,
    workspace,
    app,
    origin,
    answered,
    fetch: fetchPath,
    send: (method, path, body, headers = {}) =>
      fetchPath(path, { method, body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } }),
    call: (name, input) => callOperation(name, input, { folder, workspace: () => Promise.resolve(workspace) }, { actor: "user:test" }),
    async end() {
      app.stop();
      await app.fastify.close();
      await workspace.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Writes rows as JSON Lines into the workspace's folder and gives the path. */
export async function writeRows(server: TestServer, name: string, rows: readonly unknown[]): Promise<string> {
  const path = join(server.folder, name);
  await writeFile(path, jsonLines(rows));
  return path;
}

export function jsonLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** So many chats in the house's own rows, each with words of its own. */
export function chats(count: number, from = 0): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: "chat",
    messages: [
      { role: "user", content: `How deep should I sow bean number ${from + index} in my garden?` },
      {
        role: "assistant",
        content: `Put bean number ${from + index} four to five centimetres deep, in soil that has warmed to ten degrees.`,
      },
    ],
  }));
}
