import { createSignInLink } from "@tilth/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signInUrl } from "./access-page.ts";
import type { AccessServer, Got } from "./test-access.ts";
import { startAccessServer } from "./test-access.ts";

let server: AccessServer;
beforeEach(async () => {
  server = await startAccessServer();
  await server.call("user.create", { name: "ana", role: "editor", password });
});
afterEach(() => server.end());

const password = "four beds of broad beans";
const datasets = "/api/training-data/datasets";
const own = () => ({ origin: `http://127.0.0.1:${server.port}` });
const signIn = (given = password, name = "ana"): Promise<Got> =>
  server.ask("/api/session", { method: "POST", headers: own(), body: { name, password: given } });

test("name and password start a session that the cookie carries, and no script reads", async () => {
  const got = await signIn();
  expect(got).toMatchObject({ status: 200, json: { actor: "user:ana" }, headers: { "cache-control": "no-store" } });
  const [cookie = ""] = got.headers["set-cookie"] ?? [];
  expect(cookie).toMatch(new RegExp(`^tilth-${server.port}=[\\w-]{43}; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Strict$`));
  expect((await server.ask("/api/session", { headers: { cookie: got.cookie } })).json).toMatchObject({ actor: "user:ana", via: "session" });
  expect((await server.ask(datasets, { headers: { cookie: got.cookie } })).status).toBe(200);
  expect((await server.ask(datasets)).status).toBe(401);
});

test("each signing in gives another token, and one that a browser brought along is never taken over", async () => {
  const first = await signIn();
  const second = await server.ask("/api/session", {
    method: "POST",
    headers: { ...own(), cookie: "tilth=planted" },
    body: { name: "ana", password },
  });
  expect(new Set([first.cookie, second.cookie]).size).toBe(2);
});

test.each([
  ["of another site", { origin: "https://evil.example" }, 403],
  ["of which nobody says where it comes from", {}, 403],
  ["that the browser says is of another site", { "sec-fetch-site": "cross-site" }, 403],
  ["of Tilth's own page", { "sec-fetch-site": "same-origin" }, 200],
])("a write with the cookie %s", async (_, headers, status) => {
  const { cookie } = await signIn();
  const got = await server.ask(datasets, { method: "POST", headers: { cookie, ...headers }, body: { name: "Garden" } });
  expect(got.status).toBe(status);
  expect((await server.call("dataset.list", {})).datasets).toHaveLength(status === 200 ? 1 : 0);
});

test("nobody is signed in by the page of another site", async () => {
  const got = await server.ask("/api/session", {
    method: "POST",
    headers: { origin: "https://evil.example" },
    body: { name: "ana", password },
  });
  expect(got).toMatchObject({ status: 403, cookie: "" });
});

test("signing out ends the session, also for who kept the cookie", async () => {
  const { cookie } = await signIn();
  const out = await server.ask("/api/session", { method: "DELETE", headers: { cookie, ...own() } });
  expect(out.status).toBe(204);
  expect(out.headers["set-cookie"]?.[0]).toContain("Expires=Thu, 01 Jan 1970");
  expect((await server.ask(datasets, { headers: { cookie } })).status).toBe(401);
});

test("a wrong password and an unknown name are answered alike, and too many tries have to wait", async () => {
  const refused = [await signIn("wrong"), await signIn(password, "nobody")];
  for (const { status, json, cookie } of refused) expect([status, json.code, cookie]).toEqual([401, "auth/wrong-sign-in", ""]);
  expect(new Set(refused.map(({ json }) => json.detail)).size).toBe(1);
  for (let i = 0; i < 4; i++) await signIn("wrong");
  const late = await signIn();
  expect(late).toMatchObject({ status: 429, json: { code: "auth/throttled" } });
  expect(Number(late.headers["retry-after"])).toBeGreaterThan(0);
  server.clock.forward(60_000);
  expect((await signIn()).status).toBe(200);
});

test("many tries at once are not more than many in a row", async () => {
  const statuses = (await Promise.all(Array.from({ length: 12 }, () => signIn("wrong")))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
});

test("a session ends with the clock, with the role its rights change, and with the user it is gone", async () => {
  const { cookie } = await signIn();
  const write = (name: string) => server.ask(datasets, { method: "POST", headers: { cookie, ...own() }, body: { name } });
  expect((await write("One")).status).toBe(200);
  await server.call("user.update", { user: "ana", role: "viewer" });
  expect((await write("Two")).status).toBe(403);
  await server.call("user.remove", { user: "ana" });
  expect((await write("Three")).status).toBe(401);
  await server.call("user.create", { name: "ben", password });
  const late = await signIn(password, "ben");
  server.clock.forward(13 * 3_600_000);
  expect((await server.ask(datasets, { headers: { cookie: late.cookie } })).status).toBe(401);
});

test("one's own password is changed with the one that was; other sessions end", async () => {
  const [one, two] = [await signIn(), await signIn()];
  const change = (current: string, next: string) =>
    server.ask("/api/session/password", { method: "POST", headers: { cookie: one.cookie, ...own() }, body: { current, password: next } });
  expect((await change("wrong", "a dozen rows of peas")).status).toBe(401);
  expect((await change(password, "short")).json).toMatchObject({ code: "auth/weak-password" });
  expect((await change(password, "a dozen rows of peas")).status).toBe(204);
  expect((await server.ask(datasets, { headers: { cookie: one.cookie } })).status).toBe(200);
  expect((await server.ask(datasets, { headers: { cookie: two.cookie } })).status).toBe(401);
  expect((await signIn("a dozen rows of peas")).status).toBe(200);
});

test("a sign-in link works once, by the page's own script, and its secret is sent to nobody before", async () => {
  const { workspace } = server;
  const made = { user: "root", newId: () => workspace.newId(), nowMs: workspace.clock.nowMs() };
  const { token } = await createSignInLink(await workspace.storage(), made);
  const url = new URL(signInUrl(`http://127.0.0.1:${server.port}`, token));
  expect([url.pathname, url.search, url.hash]).toEqual(["/sign-in", "", `#${token}`]);
  const page = await server.ask("/sign-in");
  expect(page.text).toContain('<script type="module" src="/sign-in.js">');
  expect(page.text).not.toMatch(/<script(?![^>]*src)|<style| style=| on\w+=/);
  expect((await server.ask("/sign-in.js")).headers["content-type"]).toContain("text/javascript");
  const redeem = () => server.ask("/api/session/link", { method: "POST", headers: own(), body: { token } });
  const got = await redeem();
  expect(got).toMatchObject({ status: 200, json: { actor: "user:root" } });
  expect((await server.ask("/api/session", { headers: { cookie: got.cookie } })).json.scopes).toContain("training_data:admin");
  expect((await redeem()).status).toBe(401);
  const set = { current: "", password: "a dozen rows of peas" };
  expect((await server.ask("/api/session/password", { method: "POST", headers: { cookie: got.cookie, ...own() }, body: set })).status).toBe(
    204,
  );
  expect((await signIn("a dozen rows of peas", "root")).status).toBe(200);
});

test.each([
  ["no body", undefined, 422],
  ["a list", ["ana"], 422],
  ["a number as password", { name: "ana", password: 7 }, 422],
  ["a member too many", { name: "ana", password, admin: true }, 422],
  ["a book as password", { name: "ana", password: "x".repeat(20_000) }, 413],
])("refuses %s", async (_, body, status) => {
  expect((await server.ask("/api/session", { method: "POST", headers: own(), body })).status).toBe(status);
});

test("signing in and out stands in the audit, without what was typed", async () => {
  await signIn("wrong");
  const { cookie } = await signIn();
  await server.ask("/api/session", { method: "DELETE", headers: { cookie, ...own() } });
  await server.audit.settle();
  const { entries } = await server.call("audit.list", {});
  expect(entries.map(({ action, actor, detail }) => [action, actor, detail["status"]])).toEqual([
    ["session.end", "user:ana", 204],
    ["session.start", "user:ana", 200],
    ["session.start", "unknown", 401],
  ]);
});
