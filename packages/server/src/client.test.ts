import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { TilthClient } from "@tilth/core/client";
import { createClient } from "@tilth/core/client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { TestServer } from "./test-server.ts";
import { chats, jsonLines, startTestServer } from "./test-server.ts";

let server: TestServer;
let tilth: TilthClient;
beforeAll(async () => {
  server = await startTestServer({ packs: ["assistant"] });
  tilth = createClient({ url: server.origin });
  await tilth.call("example.import", { dataset: "Garden" }, { body: jsonLines(chats(20)), fileName: "beans.jsonl" });
});
afterAll(() => server.end());

/** Something between client and server that may do harm; what it lets through goes to the server. */
interface Between {
  readonly url: string;
  /** Methods and paths in the order of their arrival. */
  readonly seen: string[];
  end(): Promise<void>;
}

type Harm = (request: IncomingMessage, response: ServerResponse, pass: () => void) => void;

const open: Between[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.end();
});

async function between(harm: Harm): Promise<Between> {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url?.split("?")[0]?.replace("/api/training-data", "")}`);
    harm(request, response, () => {
      const onward = forward(`${server.origin}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      request.on("error", () => onward.destroy());
      response.on("close", () => onward.destroy());
      request.pipe(onward);
    });
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const made = {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    async end() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
  open.push(made);
  return made;
}

/** Harms the first requests and lets the others pass. */
function first(count: number, harm: Harm): Harm {
  let left = count;
  return (request, response, pass) => (left-- > 0 ? harm(request, response, pass) : pass());
}

const breaks: Harm = (request) => void request.destroy();

describe("a call", () => {
  test("answers what the operation answers: in path, query and body", async () => {
    expect((await tilth.call("example.list", { limit: 3, where: "kind = chat" })).examples).toHaveLength(3);
    const [example] = (await tilth.call("example.list", { limit: 1 })).examples;
    const edited = await tilth.call("example.edit", { id: example?.id ?? "", set: { topic: "beans" } });
    expect(edited).toMatchObject({ example: { topic: "beans" }, changed: [{ field: "topic" }] });
    expect(await server.call("example.show", { id: example?.id ?? "" })).toMatchObject({ example: { topic: "beans", rev: 2 } });
    expect(await tilth.call("dataset.export", { version: "garden@pool", dryRun: true })).toMatchObject({ label: "pool", written: 20 });
  });

  test("throws the server's error with code, sentence, details and the request's id", async () => {
    await expect(tilth.call("example.show", { id: "01ZZZZZZ" })).rejects.toMatchObject({
      name: "TilthError",
      code: "example/not-found",
      kind: "not-found",
      message: expect.stringContaining("01ZZZZZZ"),
      details: { requestId: expect.stringMatching(/^[\w-]{36}$/) },
    });
  });

  test("packs a large body, and the server reads it", async () => {
    const texts = Array.from({ length: 400 }, (_, row) => `row ${row} of many rows about beans`);
    let sent: Buffer = Buffer.alloc(0);
    const proxy = await between((request, _, pass) => {
      expect(request.headers["content-encoding"]).toBe("gzip");
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => (sent = Buffer.concat(chunks)));
      pass();
    });
    const { many } = await createClient({ url: proxy.url }).call("text.check", { texts });
    expect(many?.texts).toHaveLength(400);
    expect(JSON.parse(gunzipSync(sent).toString())).toEqual({ texts });
  });

  test("of a server that is not there says so, once it has tried", { timeout: 30_000 }, async () => {
    const proxy = await between(breaks);
    await proxy.end();
    await expect(createClient({ url: proxy.url }).call("pool.stats", {})).rejects.toMatchObject({
      code: "client/unreachable",
      message: expect.stringContaining("nothing listens there"),
    });
  });

  test("of something that is no Tilth says so", async () => {
    const proxy = await between((_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<h1>hello</h1>"));
    await expect(createClient({ url: proxy.url }).call("pool.stats", {})).rejects.toMatchObject({ code: "client/not-tilth" });
  });

  test("ends with the signal's reason", async () => {
    const proxy = await between(() => undefined);
    const signal = AbortSignal.timeout(50);
    await expect(createClient({ url: proxy.url }).call("pool.stats", {}, { signal })).rejects.toBe(await reasonOf(signal));
    await expect(createClient({ url: proxy.url, signal }).call("pool.stats", {})).rejects.toBe(signal.reason);
  });
});

async function reasonOf(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, "abort");
  return signal.reason;
}

describe("sent again", () => {
  test("is what a busy server turned away, when it says so", async () => {
    const proxy = await between(
      first(2, (_, response) => {
        const problem = { code: "request/overloaded", detail: "busy", requestId: "x", details: { reason: "x", seconds: 0 } };
        response.writeHead(503, { "retry-after": "0", "content-type": "application/problem+json" }).end(JSON.stringify(problem));
      }),
    );
    const client = createClient({ url: proxy.url });
    expect(await client.call("dataset.create", { name: "Busy" })).toMatchObject({ id: "busy" });
    expect(proxy.seen).toEqual(Array.from({ length: 3 }, () => "POST /datasets"));
  });

  test("a change happens once, although its answer was lost", async () => {
    const proxy = await between(
      first(1, (request, response, pass) => {
        // The server does it; the caller hears nothing of it.
        response.writeHead = () => response.destroy();
        expect(request.headers["idempotency-key"]).toMatch(/^[\w-]{36}$/);
        pass();
      }),
    );
    const [example] = (await tilth.call("example.list", { limit: 1 })).examples;
    const id = example?.id ?? "";
    const before = (await tilth.call("example.show", { id })).example.rev;
    const edited = await createClient({ url: proxy.url }).call("example.edit", { id, set: { topic: "answers that were lost" } });
    expect([edited.example.rev, proxy.seen.length]).toEqual([before + 1, 2]);
    expect((await tilth.call("example.history", { id })).revisions).toHaveLength(before);
  });

  test("never is what would happen twice, or what can be read once", async () => {
    const secret = await between(first(1, breaks));
    await expect(createClient({ url: secret.url }).call("key.create", { name: "lost" })).rejects.toMatchObject({
      code: "client/unreachable",
    });
    const stream = await between(first(1, breaks));
    async function* rows(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(jsonLines(chats(1)));
    }
    await expect(createClient({ url: stream.url }).call("example.import", {}, { body: rows() })).rejects.toMatchObject({
      code: "client/unreachable",
    });
    expect([secret.seen, stream.seen]).toEqual([["POST /keys"], ["POST /import"]]);
  });
});

describe("a key", () => {
  test("opens the server, and stands in no message", async () => {
    const own = await startTestServer();
    try {
      const { key } = await own.call("key.create", { name: "ci", role: "viewer" });
      await expect(createClient({ url: own.origin }).call("pool.stats", {})).rejects.toMatchObject({ code: "auth/required" });
      const client = createClient({ url: own.origin, key });
      expect(await client.call("pool.stats", {})).toMatchObject({ examples: 0 });
      const refused = await client.call("dataset.create", { name: "x" }).catch((error: Error) => error);
      expect(refused).toMatchObject({ code: "auth/forbidden", message: expect.not.stringContaining(key) });
    } finally {
      await own.end();
    }
  });

  test("that cannot be one is refused and not quoted", () => {
    expect(() => createClient({ url: server.origin, key: "secret\nx" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") }),
    );
  });

  test("goes nowhere but to its server: a redirect is told, not followed", async () => {
    const heard: string[] = [];
    const other = await between((request, response) => {
      heard.push(request.headers.authorization ?? "");
      response.end();
    });
    const proxy = await between((_, response) => void response.writeHead(308, { location: `${other.url}/x` }).end());
    await expect(createClient({ url: proxy.url, key: "tilth_secret" }).call("pool.stats", {})).rejects.toMatchObject({
      code: "client/redirected",
      message: expect.stringContaining(`${other.url}/x`),
    });
    expect(heard).toEqual([]);
  });
});

describe("a file", () => {
  test("of any sort goes as the body, with its name", async () => {
    const bytes = Buffer.from(jsonLines(chats(2, 100)));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 10);
      yield bytes.subarray(10);
    }
    const bodies = [bytes, bytes.toString(), new Blob([bytes]), new Blob([bytes]).stream(), pieces()];
    for (const body of bodies)
      expect(await tilth.call("example.import", {}, { body, fileName: "Bohnen für drüben.jsonl" })).toMatchObject({
        read: 2,
        file: "Bohnen für drüben.jsonl",
      });
    expect(await tilth.call("example.import", {}, { body: new File([bytes], "own.jsonl") })).toMatchObject({ file: "own.jsonl" });
  });

  test("that is large goes in pieces and goes on where the connection broke", { timeout: 60_000 }, async () => {
    const line = (row: number): string => JSON.stringify({ kind: "text", text: `${row} ${randomBytes(500).toString("hex")}` });
    const file = Array.from({ length: 20_000 }, (_, row) => `${line(row % 5)}\n`).join("");
    let pieces = 0;
    const proxy = await between((request, _, pass) => {
      // The second piece breaks in its middle.
      if (request.method === "PATCH" && ++pieces === 2) {
        let arrived = 0;
        request.on("data", (chunk: Buffer) => {
          arrived += chunk.length;
          if (arrived > 3_000_000) request.destroy();
        });
      }
      pass();
    });
    const steps = new Set<string>();
    const report = await createClient({ url: proxy.url }).call(
      "example.import",
      { dryRun: true },
      { body: file, fileName: "large.jsonl", progress: ({ step }) => steps.add(step) },
    );
    expect(report).toMatchObject({ read: 20_000, file: "large.jsonl", sizeBytes: file.length });
    expect(steps).toContain("sending large.jsonl");
    expect(proxy.seen.filter((one) => one.startsWith("PATCH")).length).toBeGreaterThan(2);
    expect(proxy.seen.some((one) => one.startsWith("GET /uploads/"))).toBe(true);
    expect(proxy.seen.at(-1)).toMatch(/^DELETE \/uploads\//);
  });
});

describe("a download", () => {
  test("goes on where the connection broke, and tells its size", async () => {
    const exported = await tilth.call("dataset.export", { version: "garden@pool", split: false });
    const [file] = exported.files;
    const proxy = await between((request, response, pass) => {
      if (request.method !== "GET" || request.headers.range !== undefined) return pass();
      const write = response.write.bind(response);
      response.write = (chunk: Buffer) => {
        write(chunk.subarray(0, 100));
        setTimeout(() => response.destroy(), 20);
        return true;
      };
      pass();
    });
    const found = await createClient({ url: proxy.url }).download(exported, file?.name ?? "");
    expect(found.sizeBytes).toBe(file?.bytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of found) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString().trimEnd().split("\n")).toHaveLength(20);
    expect(proxy.seen).toHaveLength(3);
  });

  test("of a file that is not there says what there is", async () => {
    const exported = await tilth.call("dataset.export", { version: "garden@pool", split: false });
    await expect(tilth.download(exported, "other.jsonl")).rejects.toMatchObject({ code: "export/no-file" });
    for (const name of ["../secret", "", "a//b"])
      await expect(tilth.download(exported, name)).rejects.toMatchObject({ code: "input/invalid" });
  });
});

describe("a job", () => {
  test("is followed to its end where the connection broke, each remark told once", async () => {
    let connections = 0;
    const proxy = await between((request, response, pass) => {
      if (request.url?.endsWith("/events") === true && ++connections === 1) setTimeout(() => response.destroy(), 1);
      pass();
    });
    const remarks: string[] = [];
    const steps = new Set<string>();
    const made = await createClient({ url: proxy.url }).call(
      "dataset.export",
      { version: "garden@pool", format: "trl-preference" },
      { remark: (text) => remarks.push(text), progress: ({ step }) => steps.add(step) },
    );
    expect(made).toMatchObject({ read: 20, written: 0, refused: 20 });
    expect(remarks).toEqual([expect.stringContaining("cannot express some examples")]);
    expect([...steps].join()).toContain("at garden@pool");
    expect(connections).toBe(2);
  });

  test("that fails throws its error, as if it had been here", async () => {
    await expect(tilth.call("version.create", { dataset: "gardn" })).rejects.toMatchObject({
      code: "dataset/not-found",
      message: expect.stringContaining("garden"),
    });
    await expect(tilth.call("example.import", {}, { body: '{"alpha":1}\n{"alpha":2}\n' })).rejects.toMatchObject({
      code: "format/unknown",
    });
  });
});

test("what cannot be asked is no valid call, and is refused before anything is sent", async () => {
  const refused = expect.objectContaining({ code: "input/invalid" });
  // @ts-expect-error -- places of the server cannot be named from here
  await expect(tilth.call("example.import", { file: "/etc/passwd" }, { body: "" })).rejects.toEqual(refused);
  // @ts-expect-error -- the bytes are missing
  await expect(tilth.call("example.import", {})).rejects.toEqual(refused);
  // @ts-expect-error -- there is no such operation
  await expect(tilth.call("example.imprt", {})).rejects.toEqual(refused);
});

test("the example in the documentation of createClient runs", async () => {
  const source = await readFile(new URL("../../core/src/client/client.ts", import.meta.url), "utf8");
  const [, block = ""] = /@example\n([^]*?)\*\/\nexport function createClient/.exec(source) ?? [];
  const code = block
    .replaceAll(/^ \* ?/gm, "")
    .replace(/^import .*$/m, "")
    .replace("http://127.0.0.1:7420", server.origin);
  const lengths: number[] = [];
  const AsyncFunction = (async () => undefined).constructor as new (...given: string[]) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction("createClient", "console", code)(createClient, { log: (length: number) => lengths.push(length) });
  expect(lengths.length).toBeGreaterThan(0);
});

test("live changes go on where the connection broke", { timeout: 60_000 }, async () => {
  const connections: ServerResponse[] = [];
  const proxy = await between((_, response, pass) => {
    connections.push(response);
    pass();
  });
  const stop = new AbortController();
  const seen: string[] = [];
  const [example] = (await tilth.call("example.list", { dataset: "garden", limit: 1 })).examples;
  const edit = (topic: string): Promise<unknown> => tilth.call("example.edit", { id: example?.id ?? "", set: { topic } });
  for await (const event of createClient({ url: proxy.url }).events({ dataset: "garden", signal: stop.signal })) {
    seen.push(event.kind);
    if (seen.length === 1) await edit("one");
    if (seen.length === 2) {
      connections[0]?.destroy();
      await edit("two");
    }
    if (seen.filter((kind) => kind === "change").length === 2) break;
  }
  expect(seen).toEqual(["begin", "change", "begin", "change"]);
  stop.abort();
});
