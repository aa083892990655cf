import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { checkPassword, hashPassword, makePassword, matchPassword } from "./password.ts";

const password = "four beds of broad beans";

test("a hash is argon2id with its parameters and a salt of its own, and can be computed elsewhere from what it says", async () => {
  const [one, two] = await Promise.all([hashPassword(password), hashPassword(password)]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(one).not.toBe(two);
  const [, , , , salt = "", hash = ""] = one.split("$");
  const again = argon2Sync("argon2id", {
    message: password,
    nonce: Buffer.from(salt, "base64"),
    parallelism: 1,
    tagLength: 32,
    memory: 47_104,
    passes: 1,
  });
  expect(again.toString("base64").replaceAll("=", "")).toBe(hash);
});

test("the right password matches, any other does not, and nothing matches where there is no hash", async () => {
  const stored = await hashPassword(password);
  expect(await matchPassword(password, stored)).toEqual({ isRight: true, isOutdated: false });
  expect(await matchPassword(`${password}.`, stored)).toMatchObject({ isRight: false });
  expect(await matchPassword("", undefined)).toMatchObject({ isRight: false });
});

test("a letter typed in one piece or in two is the same letter", async () => {
  const stored = await hashPassword("Bäume und Büsche".normalize("NFC"));
  expect(await matchPassword("Bäume und Büsche".normalize("NFD"), stored)).toMatchObject({ isRight: true });
});

test("a cost below OWASP's floors is refused; one at another floor holds, and is told to be outdated", async () => {
  for (const cost of [
    { memoryKiB: 19_455, passes: 2, parallelism: 1 },
    { memoryKiB: 4_096, passes: 10, parallelism: 1 },
  ])
    await expect(hashPassword(password, cost)).rejects.toMatchObject({ code: "input/invalid" });
  const stored = await hashPassword(password, { memoryKiB: 19_456, passes: 2, parallelism: 1 });
  expect(await matchPassword(password, stored)).toEqual({ isRight: true, isOutdated: true });
  await expect(matchPassword(password, "$2b$10$abcdefghijklmnopqrstuv")).rejects.toMatchObject({ code: "input/invalid" });
});

test.each([
  ["eleven signs", "elevensigns", "shorter"],
  ["three signs again and again", "abcabcabcabcabc", "different"],
  ["the name with something after it", "anabell-2026", "name"],
  ["a book", "beans ".repeat(200), "longer"],
])("refuses %s", (_, weak, told) => {
  expect(() => checkPassword(weak, "anabell")).toThrow(told);
});

test("a password made for somebody is strong and never the same", () => {
  const made = Array.from({ length: 50 }, makePassword);
  expect(new Set(made).size).toBe(50);
  for (const one of made) {
    expect(one).toMatch(/^(?:[a-z1-9]{5}-){4}[a-z1-9]{5}$/);
    expect(() => checkPassword(one, "ana")).not.toThrow();
  }
});
