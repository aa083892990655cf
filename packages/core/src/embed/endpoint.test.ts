import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { isTilthError } from "../errors.ts";
import { type EndpointOptions, openEndpointEmbedder } from "./endpoint.ts";

const KEY = "sk-test-0123456789";

interface Asked {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: { readonly model: string; readonly input: readonly string[]; readonly dimensions?: number };
}
type Answer = (asked: Asked, response: ServerResponse, count: number) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A real server on this machine; what it was asked is kept in order. */
async function serve(answer: Answer): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const one: Asked = { path: request.url ?? "", key: request.headers.authorization, body: JSON.parse(text) };
      answer(one, response, asked.push(one));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Three numbers that tell texts apart; the last text first, so that only `index` gives the order. */
const vectors: Answer = ({ body }, response) => {
  const data = body.input.map((text, index) => ({ index, embedding: vectorOf(text) })).reverse();
  sendJson(response, 200, {
    object: "list",
    data,
    model: "small-2",
    usage: { prompt_tokens: 10 * body.input.length, total_tokens: 10 * body.input.length },
  });
};

function vectorOf(text: string): number[] {
  return [text.length, -1, text.charCodeAt(0) / 100];
}

/** What arrives: whole numbers, the largest 127. */
function canonical(text: string): number[] {
  const values = vectorOf(text).map(Math.fround);
  const largest = Math.max(...values.map(Math.abs));
  return values.map((value) => Math.round(value * (127 / largest)));
}

function sendJson(response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

/** Answers the first request, by which it is opened, and the later ones in its own way. */
function later(answer: Answer): Answer {
  return (asked, response, count) => (count === 1 ? vectors : answer)(asked, response, count);
}

function options(url: string, more: Partial<EndpointOptions> = {}): EndpointOptions {
  return { url, model: "small", keyFrom: "EMBED_KEY", environment: { EMBED_KEY: KEY }, firstWaitMs: 1, ...more };
}

async function failure(call: () => Promise<unknown>): Promise<{ readonly code: string; readonly text: string }> {
  try {
    await call();
  } catch (error) {
    if (!isTilthError(error)) throw error;
    const causes = error.cause instanceof Error ? `${error.cause.message} ${String(error.cause.cause)}` : "";
    return { code: error.code, text: `${error.message} ${JSON.stringify(error.details)} ${causes}` };
  }
  throw new Error("it did not fail");
}

describe("what is sent", () => {
  test("the first request shows dimensions and model; the key goes in its header alone", async () => {
    const { url, asked } = await serve(vectors);
    const embedder = await openEndpointEmbedder(options(url));
    expect(embedder).toMatchObject({ id: "endpoint:small", version: "small-2", dimensions: 3, backgroundCosine: 0 });
    expect(asked).toEqual([
      { path: "/v1/embeddings", key: `Bearer ${KEY}`, body: { model: "small", input: ["dimensions"], encoding_format: "float" } },
    ]);
    expect(JSON.stringify(embedder)).not.toContain(KEY);
  });

  test("an address that ends in /embeddings stays as it is, with what follows its question mark; no key is sent unasked", async () => {
    const { url, asked } = await serve(vectors);
    await openEndpointEmbedder({ url: `${url}/embeddings?version=2`, model: "small", environment: { EMBED_KEY: KEY } });
    expect(asked[0]).toMatchObject({ path: "/v1/embeddings?version=2", key: undefined });
  });

  test("dimensions are asked for, held to, and part of the id", async () => {
    const { url, asked } = await serve(vectors);
    expect(await openEndpointEmbedder(options(url, { dimensions: 3 }))).toMatchObject({ id: "endpoint:small@3", dimensions: 3 });
    expect(asked[0]?.body.dimensions).toBe(3);
    expect(await failure(() => openEndpointEmbedder(options(url, { dimensions: 4 })))).toMatchObject({ code: "embed/bad-answer" });
  });

  test("batches end at their number of texts and of characters; a long text goes alone", async () => {
    const { url, asked } = await serve(vectors);
    const embedder = await openEndpointEmbedder(options(url, { batchTexts: 3, batchCharacters: 10 }));
    const texts = ["a", "b", "c", "d", "eeeee", "ffffff", "g".repeat(50), "h"];
    const found = await embedder.embed(texts);
    expect(asked.slice(1).map(({ body }) => body.input)).toEqual([["a", "b", "c"], ["d", "eeeee"], ["ffffff"], ["g".repeat(50)], ["h"]]);
    expect([...found]).toEqual(texts.flatMap(canonical));
  });

  test("blank texts become zeros and are not sent, a lone surrogate is sent as U+FFFD", async () => {
    const { url, asked } = await serve(vectors);
    const embedder = await openEndpointEmbedder(options(url));
    expect([...(await embedder.embed(["", " \n", "x\ud800"]))]).toEqual([0, 0, 0, 0, 0, 0, ...canonical("x\ufffd")]);
    expect(asked[1]?.body.input).toEqual(["x\ufffd"]);
  });

  test("a text is asked for once, however often it comes; the latest are remembered", async () => {
    const { url, asked } = await serve(vectors);
    const embedder = await openEndpointEmbedder(options(url, { rememberedTexts: 2 }));
    expect([...(await embedder.embed(["one", "two", "one"]))]).toEqual(["one", "two", "one"].flatMap(canonical));
    await embedder.embed(["one"]);
    await embedder.embed(["three"]); // "two" was not used for longest
    await embedder.embed(["one", "three", "two"]);
    expect(asked.slice(1).map(({ body }) => body.input)).toEqual([["one", "two"], ["three"], ["two"]]);
  });

  test("tokens are added up, and cost what was said", async () => {
    const { url } = await serve(vectors);
    const priced = await openEndpointEmbedder(options(url, { pricePerMillion: 20_000 }));
    await priced.embed(["a", "b", "c"]);
    expect(priced.usage()).toEqual({ requests: 2, tokens: 40, cost: 0.8 });
    expect((await openEndpointEmbedder(options(url))).usage()).toEqual({ requests: 1, tokens: 10 });
  });
});

describe("what passes is tried again", () => {
  test.each([429, 500, 503, 408])("status %i twice, then vectors", async (status) => {
    const { url, asked } = await serve(
      later((one, response, count) => (count < 4 ? sendJson(response, status, { error: "busy" }) : vectors(one, response, count))),
    );
    const embedder = await openEndpointEmbedder(options(url));
    expect([...(await embedder.embed(["a"]))]).toEqual(canonical("a"));
    expect(asked).toHaveLength(4);
    expect(embedder.usage().requests).toBe(4);
  });

  test("Retry-After is waited for: a date gone by means now, where the own wait would never end", async () => {
    const { url } = await serve(
      later((one, response, count) =>
        count === 2 ? sendJson(response, 429, {}, { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }) : vectors(one, response, count),
      ),
    );
    const embedder = await openEndpointEmbedder(options(url, { firstWaitMs: 3_000_000, mostWaitMs: 9_000_000 }));
    expect([...(await embedder.embed(["a"]))]).toEqual(canonical("a"));
  });

  test("an endpoint that asks to wait too long is given up at once", async () => {
    const { url, asked } = await serve(
      later((_, response) => sendJson(response, 429, { error: { message: "Slow down." } }, { "retry-after": "3600" })),
    );
    const embedder = await openEndpointEmbedder(options(url));
    const { code, text } = await failure(() => embedder.embed(["a"]));
    expect(code).toBe("embed/endpoint-failed");
    expect(text).toContain("in 1 attempts: status 429: Slow down, and asks to wait 3600 s.");
    expect(asked).toHaveLength(2);
  });

  test("after the last attempt it is an error with the status", async () => {
    const { url, asked } = await serve(later((_, response) => response.writeHead(500).end("<h1>oh\nno</h1>")));
    const embedder = await openEndpointEmbedder(options(url, { attempts: 3 }));
    expect((await failure(() => embedder.embed(["a"]))).text).toContain("in 3 attempts: status 500: <h1>oh no</h1>.");
    expect(asked).toHaveLength(4);
  });

  test("a connection that breaks, before the answer and within it", async () => {
    const { url, asked } = await serve(
      later((one, response, count) => {
        if (count === 2) response.destroy();
        else if (count === 3) response.writeHead(200, { "content-length": "1000" }).write("{", () => response.destroy());
        else vectors(one, response, count);
      }),
    );
    const embedder = await openEndpointEmbedder(options(url));
    expect([...(await embedder.embed(["a"]))]).toEqual(canonical("a"));
    expect(asked).toHaveLength(4);
  });

  test("silence ends with the timeout", async () => {
    const { url } = await serve(() => {});
    const { code, text } = await failure(() => openEndpointEmbedder(options(url, { timeoutMs: 20, attempts: 2 })));
    expect(code).toBe("embed/endpoint-failed");
    expect(text).toContain("in 2 attempts: no answer within 20 ms.");
  });

  test("nobody listens", async () => {
    const { url } = await serve(vectors);
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    const { code, text } = await failure(() => openEndpointEmbedder(options(url, { attempts: 2 })));
    expect(code).toBe("embed/endpoint-failed");
    expect(text).toContain("ECONNREFUSED");
  });

  test("what was answered before a failure is not asked for again", async () => {
    const { url, asked } = await serve((one, response, count) =>
      count === 3 ? sendJson(response, 400, {}) : vectors(one, response, count),
    );
    const embedder = await openEndpointEmbedder(options(url, { batchTexts: 1 }));
    await failure(() => embedder.embed(["a", "b"]));
    await embedder.embed(["a", "b"]);
    expect(asked.slice(1).map(({ body }) => body.input)).toEqual([["a"], ["b"], ["b"]]);
  });

  test.each(["before", "while it waits for an answer", "while it waits to try again"])("a signal ends it: %s", async (when) => {
    const controller = new AbortController();
    const stopped = new Error("stopped by hand");
    const { url, asked } = await serve(
      later((_, response) => {
        if (when === "while it waits to try again") sendJson(response, 500, {});
        setTimeout(() => controller.abort(stopped), 5);
      }),
    );
    const embedder = await openEndpointEmbedder(options(url, { signal: controller.signal, firstWaitMs: 50_000 }));
    if (when === "before") controller.abort(stopped);
    await expect(embedder.embed(["a"])).rejects.toBe(stopped);
    expect(asked).toHaveLength(when === "before" ? 1 : 2);
  });
});

describe("what cannot be used is an error at once", () => {
  test.each([
    [
      400,
      { error: { message: "This model's maximum context length is 8192 tokens." } },
      "refused to embed with status 400: This model's maximum context length is 8192 tokens.",
    ],
    [401, { error: { message: `Incorrect API key provided: ${KEY}.` } }, "status 401: Incorrect API key provided: ***."],
    [404, "", "status 404: it gives no reason."],
    [301, "moved", "status 301: moved."],
  ])("status %i", async (status, body, told) => {
    const { url, asked } = await serve((_, response) => {
      response.writeHead(status, status === 301 ? { location: "/elsewhere" } : {});
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    const { code, text } = await failure(() => openEndpointEmbedder(options(url)));
    expect(code).toBe("embed/endpoint-refused");
    expect(text).toContain(told);
    expect(text).not.toContain(KEY);
    expect(asked).toHaveLength(1);
  });

  const vector = { index: 0, embedding: [1, 2, 3] };
  test.each([
    ["a page", `<html>${KEY}</html>`, 'no JSON, but "<html>***</html>"'],
    ["something else", "[1]", "the answer: invalid input"],
    ["no list", '{"data": {}}', "data: invalid input"],
    ["too few vectors", JSON.stringify({ data: [vector] }), "1 vectors for 2 texts"],
    ["too many vectors", JSON.stringify({ data: [vector, { ...vector, index: 1 }, { ...vector, index: 2 }] }), "3 vectors for 2 texts"],
    ["an index twice", JSON.stringify({ data: [vector, vector] }), "index 0 is twice there"],
    ["an index past the end", JSON.stringify({ data: [vector, { ...vector, index: 7 }] }), "index 7 is"],
    [
      "a shorter vector",
      JSON.stringify({ data: [vector, { index: 1, embedding: [1, 2] }] }),
      "a vector of 2 numbers where 3 were expected",
    ],
    ["text for numbers", JSON.stringify({ data: [vector, { index: 1, embedding: "AACAPw==" }] }), "data.1.embedding: invalid input"],
  ])("%s", async (_, body, told) => {
    const { url, asked } = await serve(later((__, response) => response.end(body)));
    const embedder = await openEndpointEmbedder(options(url));
    const { code, text } = await failure(() => embedder.embed(["a", "b"]));
    expect(code).toBe("embed/bad-answer");
    expect(text).toContain(told);
    expect(text).not.toContain(KEY);
    expect(asked).toHaveLength(2);
  });

  test("vectors without an index are in the order of the texts", async () => {
    const { url } = await serve(({ body }, response) =>
      sendJson(response, 200, { data: body.input.map((text) => ({ embedding: vectorOf(text) })) }),
    );
    const embedder = await openEndpointEmbedder(options(url));
    expect([...(await embedder.embed(["a", "bb"]))]).toEqual([...canonical("a"), ...canonical("bb")]);
    expect(embedder).toMatchObject({ version: "small" });
    expect(embedder.usage().tokens).toBe(0);
  });

  test.each([
    ["is not set", {}],
    ["is empty", { EMBED_KEY: " " }],
    ["cannot be sent", { EMBED_KEY: `${KEY}\nx` }],
  ])("a key that %s: nothing is sent", async (_, environment) => {
    const { url, asked } = await serve(vectors);
    const { code, text } = await failure(() => openEndpointEmbedder(options(url, { environment })));
    expect(code).toBe("embed/key-missing");
    expect(text).toContain("The environment variable EMBED_KEY holds no key");
    expect(text).not.toContain(KEY);
    expect(asked).toEqual([]);
  });
});
