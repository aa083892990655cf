import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { isGone, ownHolder } from "./job-holder.ts";

test("a holder is this process, and no other that has had its number", () => {
  expect(isGone(ownHolder())).toBe(false);
  expect(isGone(`${hostname()}/${process.pid}/1`)).toBe(true);
});

test("a holder is gone when its process is; of other machines nobody knows", async () => {
  const child = spawn(process.execPath, ["--eval", "setTimeout(() => undefined, 60_000)"], { stdio: "ignore" });
  const holder = `${hostname()}/${child.pid}/1`;
  expect(isGone(holder)).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isGone(holder)).toBe(true);
  expect(isGone(holder.replace(hostname(), "elsewhere"))).toBe(false);
  for (const strange of ["", "x", `${hostname()}/0/1`, `${hostname()}/-1/1`, `${hostname()}/all/1`]) expect(isGone(strange)).toBe(false);
});
