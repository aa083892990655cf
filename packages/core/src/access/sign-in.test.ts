import { afterEach, beforeEach, expect, test } from "vitest";
import { hashPassword } from "./password.ts";
import { changeOwnPassword, checkSignIn } from "./sign-in.ts";
import type { TestPool } from "./test-pool.ts";
import { openTestPool } from "./test-pool.ts";
import { createThrottle } from "./throttle.ts";
import { createUser, removeUser } from "./users.ts";

let pool: TestPool;
let throttles: Parameters<typeof checkSignIn>[2]["throttles"];
beforeEach(async () => {
  pool = await openTestPool();
  const { clock } = pool;
  throttles = { account: createThrottle({ clock, free: 3 }), address: createThrottle({ clock, free: 6 }) };
  await createUser(pool.storage, { id: pool.newId(), name: "ana", role: "viewer", password, actor: "user:root", nowMs: clock.nowMs() });
});
afterEach(() => pool.end());

const password = "four beds of broad beans";
const from = (address: string) => ({ throttles, address, nowMs: pool.clock.nowMs() });
const tryIn = (name: string, given: string, address = "192.0.2.1") =>
  checkSignIn(pool.storage, { name, password: given }, from(address)).catch((error: unknown) => error);

test("name and password let in, whatever the case of the name", async () => {
  expect(await tryIn(" Ana ", password)).toBe("ana");
});

test("a wrong password, an unknown name and a removed user are told in the same words", async () => {
  await createUser(pool.storage, {
    id: pool.newId(),
    name: "ben",
    role: "viewer",
    password,
    actor: "user:root",
    nowMs: pool.clock.nowMs(),
  });
  await removeUser(pool.storage, { user: "ben", nowMs: pool.clock.nowMs() });
  const refusals = [await tryIn("ana", "four beds of broad bean"), await tryIn("nobody", password), await tryIn("ben", password)];
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: "auth/wrong-sign-in" });
  expect(new Set(refusals.map(String)).size).toBe(1);
});

test("an unknown name costs a hash as a known one does, and is throttled as a known one is", async () => {
  for (const name of ["ana", "nobody"]) {
    for (let i = 0; i < 3; i++) await tryIn(name, "wrong", `192.0.2.${name.length}`);
    expect(await tryIn(name, "wrong", `192.0.2.${name.length}`)).toMatchObject({ code: "auth/throttled" });
  }
  const used = process.cpuUsage();
  await tryIn("somebody-else", "wrong", "192.0.2.99");
  const { user } = process.cpuUsage(used);
  expect(user, "microseconds: a lookup alone takes far less").toBeGreaterThan(5_000);
});

test("the account is throttled from many addresses, the address over many accounts", async () => {
  for (let i = 0; i < 3; i++) await tryIn("ana", "wrong", `192.0.2.${i}`);
  expect(await tryIn("ana", password, "192.0.2.77")).toMatchObject({ code: "auth/throttled", details: { seconds: 1 } });
  pool.clock.forward(1_000);
  expect(await tryIn("ana", password, "192.0.2.77")).toBe("ana");
  for (let i = 0; i < 6; i++) await tryIn(`user-${i}`, "wrong", "198.51.100.1");
  expect(await tryIn("ana", password, "198.51.100.1")).toMatchObject({ code: "auth/throttled" });
});

test("a hash of another cost is made anew when its owner signs in", async () => {
  const outdated = await hashPassword(password, { memoryKiB: 19_456, passes: 2, parallelism: 1 });
  pool.meddle(`UPDATE user SET password = '${outdated}' WHERE name = 'ana'`);
  expect(await tryIn("ana", password)).toBe("ana");
  const row = await pool.storage.read(({ queries }) => queries.selectFrom("user").select("password").executeTakeFirstOrThrow());
  expect(row.password).toContain("m=47104,t=1");
  expect(await tryIn("ana", password)).toBe("ana");
});

test("one's own password is changed with the one that was", async () => {
  const change = (current: string) =>
    changeOwnPassword(pool.storage, { user: "ana", current, password: "a dozen rows of peas", keepSession: "" }, from("192.0.2.1"));
  await expect(change("wrong")).rejects.toMatchObject({ code: "auth/wrong-sign-in" });
  await change(password);
  expect(await tryIn("ana", "a dozen rows of peas")).toBe("ana");
});
