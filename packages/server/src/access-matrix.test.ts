import type { Scope, UserRole } from "@tilth/core";
import { loadOperations, roles } from "@tilth/core";
import type { AnyOperation } from "./request-input.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccessServer } from "./test-access.ts";
import { startAccessServer } from "./test-access.ts";

/** Written out once more, so that a change of a role's rights is a change of this test. */
const may: Readonly<Record<UserRole, readonly Scope[]>> = {
  viewer: ["training_data:read"],
  reviewer: ["training_data:read", "training_data:review"],
  editor: ["training_data:read", "training_data:write", "training_data:review", "training_data:delete"],
  admin: ["training_data:read", "training_data:write", "training_data:review", "training_data:delete", "training_data:admin"],
};

/** What only an administrator does. */
const forAdmins = ["audit.", "key.", "user.", "workspace.backup", "workspace.init", "workspace.repair"];

/** Writes files of what one may read; neither pool nor versions change. */
const exporting = ["dataset.export", "version.checkout"];

const operations = await loadOperations();
let server: AccessServer;
const keys = new Map<UserRole | "expired" | "revoked" | "limited", string>();
beforeAll(async () => {
  server = await startAccessServer();
  for (const role of roles) keys.set(role, (await server.call("key.create", { name: role, role })).key);
  for (const name of ["mine", "no-such-thing"]) await server.call("dataset.create", { name });
  for (const [name, more] of [
    ["expired", { expiresInDays: 1 }],
    ["revoked", {}],
    ["limited", { datasets: ["mine"] }],
  ] satisfies [name: "expired" | "revoked" | "limited", more: { expiresInDays?: number; datasets?: string[] }][])
    keys.set(name, (await server.call("key.create", { name, role: "admin", ...more })).key);
  await server.call("key.revoke", { key: "revoked" });
  server.clock.forward(2 * 86_400_000);
});
afterAll(() => server.end());

describe.each(operations.map(({ name, scope, http, readOnly, underLimit }: AnyOperation) => ({ name, scope, http, readOnly, underLimit })))(
  "$name",
  ({ name, scope, http, readOnly, underLimit }) => {
    const path = `/api/training-data${http.path.replaceAll(/:\w+/g, "no-such-thing")}`;

    test("nobody unknown gets in", async () => {
      const { status, json } = await server.ask(path, { method: http.method });
      expect([status, json.code]).toEqual([401, "auth/required"]);
    });

    test.each(["expired", "revoked"] as const)("nor with a key that is %s", async (state) => {
      const headers = { authorization: `Bearer ${keys.get(state) ?? ""}` };
      const { status, json } = await server.ask(path, { method: http.method, headers });
      expect([status, json.code]).toEqual([401, "auth/invalid"]);
    });

    test("a key for other datasets does nothing", async () => {
      const headers = { authorization: `Bearer ${keys.get("limited") ?? ""}` };
      const { status, json } = await server.ask(path, { method: http.method, headers, ...(http.method === "GET" ? {} : { body: {} }) });
      if (underLimit === "filtered") expect(status).not.toBe(401);
      // Where it is not the limit that refuses, it is that the call names nothing it could be about.
      else expect([status >= 400 && status < 500, json.code]).toEqual([true, expect.any(String)]);
      if (status === 403) expect(json.code).toBe("auth/dataset-forbidden");
    });

    test.each(roles)("%s", async (role) => {
      const isAllowed = may[role].includes(scope);
      const { status, json } = await server.ask(`${path}?no-such-member=1`, {
        method: http.method,
        headers: { authorization: `Bearer ${keys.get(role) ?? ""}` },
      });
      // What is allowed is refused for what it asks: no operation knows the member.
      if (isAllowed) expect([status === 401 || status === 403, status]).toEqual([false, expect.any(Number)]);
      else expect([status, json.code]).toEqual([403, "auth/forbidden"]);
    });

    test("only administrators meet keys, users, the audit and the workspace itself; viewers change nothing", () => {
      const isForAdmins = forAdmins.some((start) => name.startsWith(start));
      expect(scope === "training_data:admin").toBe(isForAdmins);
      if (scope === "training_data:read" && http.method !== "GET") expect(readOnly || exporting.includes(name)).toBe(true);
    });
  },
);
