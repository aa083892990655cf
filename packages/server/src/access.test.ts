import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refuseOpenHost } from "./access.ts";
import type { AccessServer } from "./test-access.ts";
import { startAccessServer } from "./test-access.ts";

let server: AccessServer;
afterEach(() => server.end());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const datasets = "/api/training-data/datasets";

describe("before there is a key", () => {
  beforeEach(async () => {
    server = await startAccessServer();
  });

  test("who sits at this machine is an administrator", async () => {
    expect((await server.ask("/api/session")).json).toMatchObject({ actor: "user:os-user", via: "loopback", scopes: { length: 5 } });
    expect((await server.ask(datasets, { method: "POST", body: { name: "Garden" } })).json).toMatchObject({ createdBy: "user:os-user" });
    for (const host of ["localhost", `localhost:${server.port}`, "127.0.0.1", "[::1]:1"])
      expect((await server.ask(datasets, { headers: { host } })).status, host).toBe(200);
  });

  test("a page whose name was made to lead here is not let in", async () => {
    for (const host of [
      "evil.example",
      `evil.example:${server.port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "192.0.2.1",
      "//localhost",
    ])
      expect((await server.ask(datasets, { headers: { host } })).status, host).toBe(401);
  });

  test("what a proxy passes on is not of this machine", async () => {
    for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
      expect((await server.ask(datasets, { headers: { [name]: "203.0.113.9" } })).status, name).toBe(401);
  });

  test.each([
    ["a write of another site", { origin: "https://evil.example" }],
    ["a write of a page without an origin", { origin: "null" }],
    ["a write of another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["a write that the browser says is of another site", { "sec-fetch-site": "cross-site" }],
    ["a write that the browser says is of the same site but another port", { "sec-fetch-site": "same-site" }],
  ])("refuses %s, and nothing is done", async (_, headers) => {
    const got = await server.ask(datasets, { method: "POST", headers, body: { name: "Evil" } });
    expect(got).toMatchObject({ status: 403, json: { code: "auth/cross-site" } });
    expect((await server.call("dataset.list", {})).datasets).toEqual([]);
  });

  test("Tilth's own page may write, a link from elsewhere may be followed", async () => {
    const own = { origin: `http://127.0.0.1:${server.port}` };
    expect((await server.ask(datasets, { method: "POST", headers: own, body: { name: "One" } })).status).toBe(200);
    const modern = { ...own, "sec-fetch-site": "same-origin" };
    expect((await server.ask(datasets, { method: "POST", headers: modern, body: { name: "Two" } })).status).toBe(200);
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await server.ask(datasets, { headers: link })).status).toBe(200);
    expect((await server.ask(datasets, { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" } })).status).toBe(403);
  });

  test("a cookie that has ended is in nobody's way", async () => {
    expect((await server.ask(datasets, { headers: { cookie: `tilth-${server.port}=gone` } })).status).toBe(200);
  });

  test("it may listen on this machine alone; with a key on any host", async () => {
    for (const host of ["127.0.0.1", "localhost", "::1", "127.8.8.8"]) await refuseOpenHost(server.workspace, host);
    for (const host of ["0.0.0.0", "::", "192.0.2.1", "tilth.example"])
      await expect(refuseOpenHost(server.workspace, host)).rejects.toMatchObject({ code: "server/needs-keys", details: { host } });
    await server.call("key.create", { name: "ci" });
    await refuseOpenHost(server.workspace, "0.0.0.0");
  });

  test("the first key closes the door at once, and its end does not open it", async () => {
    await server.call("key.create", { name: "ci" });
    expect(await server.ask(datasets)).toMatchObject({
      status: 401,
      json: { code: "auth/required" },
      headers: { "www-authenticate": expect.any(String) },
    });
    await server.call("key.revoke", { key: "ci" });
    expect((await server.ask(datasets)).status).toBe(401);
  });
});

describe("keys", () => {
  beforeEach(async () => {
    server = await startAccessServer();
  });

  test("a key does what its scopes say, until it is revoked", async () => {
    const { key } = await server.call("key.create", { name: "ci", role: "viewer" });
    expect((await server.ask(datasets, { headers: bearer(key) })).status).toBe(200);
    expect((await server.ask("/api/session", { headers: bearer(key) })).json).toEqual({
      actor: "key:ci",
      via: "key",
      scopes: ["training_data:read"],
    });
    const write = await server.ask(datasets, { method: "POST", headers: bearer(key), body: { name: "Garden" } });
    expect(write).toMatchObject({ status: 403, json: { code: "auth/forbidden", detail: expect.stringContaining("training_data:write") } });
    await server.call("key.revoke", { key: "ci" });
    expect(await server.ask(datasets, { headers: bearer(key) })).toMatchObject({ status: 401, json: { code: "auth/invalid" } });
  });

  test("a key works whatever Host, Origin and proxies say: no browser sends it by itself", async () => {
    const { key } = await server.call("key.create", { name: "ci", role: "editor" });
    const headers = { ...bearer(key), host: "tilth.example", origin: "https://app.example", "x-forwarded-for": "203.0.113.9" };
    expect((await server.ask(datasets, { method: "POST", headers, body: { name: "Garden" } })).status).toBe(200);
  });

  test("the last use is kept, to the minute", async () => {
    const { key } = await server.call("key.create", { name: "ci" });
    await Promise.all(Array.from({ length: 20 }, () => server.ask(datasets, { headers: bearer(key) })));
    await expect.poll(async () => (await server.call("key.list", {})).keys[0]?.usedAt).toBeDefined();
    const [first] = (await server.call("key.list", {})).keys;
    await server.ask(datasets, { headers: bearer(key) });
    expect((await server.call("key.list", {})).keys[0]?.usedAt).toBe(first?.usedAt);
    server.clock.forward(61_000);
    await server.ask(datasets, { headers: bearer(key) });
    await expect.poll(async () => (await server.call("key.list", {})).keys[0]?.usedAt).not.toBe(first?.usedAt);
  });

  test("a key of one dataset reaches that one by its id and its name, lists it alone, and nothing else", async () => {
    const [garden] = [
      await server.call("dataset.create", { name: "Garden chats" }),
      await server.call("dataset.create", { name: "Other" }),
    ];
    const { key } = await server.call("key.create", { name: "ci", role: "editor", datasets: ["Garden chats"] });
    const headers = bearer(key);
    expect((await server.ask(`${datasets}/${garden.id}`, { headers })).status).toBe(200);
    expect((await server.ask(`${datasets}/Garden%20chats`, { headers })).status).toBe(200);
    expect(await server.ask(`${datasets}/other`, { headers })).toMatchObject({ status: 403, json: { code: "auth/dataset-forbidden" } });
    expect((await server.ask(`${datasets}/no-such`, { headers })).status).toBe(403);
  });

  test("neither a wrong nor a right secret comes into the log, an answer or the audit", async () => {
    const { key } = await server.call("key.create", { name: "ci" });
    const wrong = `${key.slice(0, 20)}${"x".repeat(38)}`;
    const texts = [
      await server.ask(datasets, { headers: bearer(wrong) }),
      await server.ask(datasets, { headers: { authorization: `Basic ${key}` } }),
      await server.ask(datasets, { headers: bearer(key), method: "DELETE" }),
      await server.ask("/api/session", { method: "POST", body: { name: "ana", password: "hunter-of-snails" } }),
      await server.ask("/api/session", { method: "POST", body: { name: "ana", password: 7, extra: "hunter-of-snails" } }),
      await server.ask("/api/session/link", { method: "POST", body: { token: "hunter-of-snails" } }),
    ].map(({ status, text }) => `${status} ${text}`);
    await server.audit.settle();
    const audit = JSON.stringify((await server.call("audit.list", { limit: 100 })).entries);
    for (const secret of [key.slice(15), wrong.slice(15), "hunter-of-snails"])
      expect(
        [texts.join("\n"), server.log(), audit].map((text) => text.includes(secret)),
        secret,
      ).toEqual([false, false, false]);
    expect(server.log()).toContain("answered");
  });
});

describe("headers and rates", () => {
  test("every answer is held to what the server serves itself", async () => {
    server = await startAccessServer();
    const { headers } = await server.ask(datasets);
    const csp = String(headers["content-security-policy"]);
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toMatch(/unsafe|\*|https?:/);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY" });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("a caller has a rate of its own, strangers one by address; the answer says how long to wait", async () => {
    server = await startAccessServer({ rates: { caller: 5, stranger: 3 } });
    const [one, two] = [await server.call("key.create", { name: "one" }), await server.call("key.create", { name: "two" })];
    const statuses = async (count: number, headers: Readonly<Record<string, string>>): Promise<number[]> => {
      const got: number[] = [];
      for (let i = 0; i < count; i++) got.push((await server.ask(datasets, { headers })).status);
      return got;
    };
    expect(await statuses(4, {})).toEqual([401, 401, 401, 429]);
    expect(await statuses(6, bearer(one.key))).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await statuses(1, bearer(two.key))).toEqual([200]);
    const late = await server.ask(datasets, { headers: bearer(one.key) });
    expect(late.json).toMatchObject({ code: "auth/too-many-requests", details: { limit: 5 } });
    expect(Number(late.headers["retry-after"])).toBeGreaterThan(0);
  });
});
