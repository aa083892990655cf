import { afterEach, expect, test } from "vitest";
import { trustedProxies } from "./proxies.ts";
import type { AccessServer, Got } from "./test-access.ts";
import { startAccessServer } from "./test-access.ts";

let server: AccessServer | undefined;
afterEach(async () => {
  await server?.end();
  server = undefined;
});

const password = "four beds of broad beans";
const proxied = { "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-forwarded-host": "tilth.example" };

async function started(trustProxy: readonly string[]): Promise<AccessServer> {
  server = await startAccessServer({ trustProxy });
  await server.call("user.create", { name: "ana", role: "editor", password });
  return server;
}

const signIn = (at: AccessServer, headers: Readonly<Record<string, string>>, given = password): Promise<Got> =>
  at.ask("/api/session", { method: "POST", headers, body: { name: "ana", password: given } });

test("behind a trusted proxy that ends TLS the cookie is for https alone, and the page's own Origin is the name people use", async () => {
  const at = await started(["127.0.0.1"]);
  const got = await signIn(at, { ...proxied, origin: "https://tilth.example" });
  expect([got.status, got.headers["set-cookie"]?.[0]]).toEqual([200, expect.stringMatching(/^__Host-tilth=.*; Secure/)]);
  expect((await signIn(at, { ...proxied, origin: "https://evil.example" })).status).toBe(403);
});

test("wrong passwords count for the address of who sent them, not for the proxy", async () => {
  const at = await started(["loopback"]);
  await signIn(at, proxied, "wrong words in a row");
  await at.audit.settle();
  const [entry] = (await at.call("audit.list", {})).entries;
  expect(entry).toMatchObject({ action: "session.start", object: "203.0.113.9" });
});

test("nobody else is believed", async () => {
  const at = await started(["10.0.0.0/8"]);
  const got = await signIn(at, proxied);
  expect(got.headers["set-cookie"]?.[0]).toMatch(new RegExp(`^tilth-${at.port}=`));
  await at.audit.settle();
  expect((await at.call("audit.list", {})).entries[0]?.object).toBe("127.0.0.1");
});

test("who comes through a proxy is not at this machine, also through a trusted one", async () => {
  server = await startAccessServer({ trustProxy: ["127.0.0.1"] });
  expect((await server.ask("/api/training-data/datasets", { headers: { "x-forwarded-for": "127.0.0.1" } })).status).toBe(401);
});

test("what is no address is refused by name", () => {
  expect(trustedProxies(["127.0.0.1", " 10.0.0.0/8", "::1", "fd00::/8", "loopback"])).toHaveLength(5);
  for (const text of ["", "example.com", "10.0.0.0/33", "10.0.0", "*", "true", "1", "fd00::/129", "10.0.0.0/8/8"])
    expect(() => trustedProxies([text]), text).toThrow("trusted proxies");
});
