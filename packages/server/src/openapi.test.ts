import type { JsonObject } from "@tilth/core";
import { errorCodes, loadOperations } from "@tilth/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeApi } from "./openapi.ts";
import { referred } from "./test-schema.ts";
import type { TestServer } from "./test-server.ts";
import { startTestServer } from "./test-server.ts";

const operations = await loadOperations();
const api = describeApi(operations, { version: "1.2.3" });
const paths = api["paths"] as Record<string, Record<string, JsonObject>>;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.end());

describe("the description", () => {
  test("has document 2's eight endpoints at the paths it gives", () => {
    const base = "/api/training-data/datasets";
    const wanted = [
      ["post", base],
      ["get", base],
      ["post", `${base}/{dataset}/upload`],
      ["get", `${base}/{dataset}/data`],
      ["post", `${base}/{dataset}/validate`],
      ["post", `${base}/{dataset}/enhance`],
      ["get", `${base}/{dataset}/export`],
      ["post", `${base}/import`],
    ] as const;
    for (const [method, path] of wanted) expect(paths[path]?.[method], `${method} ${path}`).toBeDefined();
  });

  test("describes every route there is, and no other", () => {
    const routes = server.app.fastify
      .printRoutes({ commonPrefix: false })
      .split("\n")
      .filter((line) => line.includes("("));
    expect(routes.length).toBeGreaterThan(operations.length);
    for (const { name, http } of operations)
      expect(paths[`/api/training-data${http.path.replaceAll(/:(\w+)/g, "{$1}")}`]?.[http.method.toLowerCase()]?.["operationId"]).toBe(
        name,
      );
    for (const [path, methods] of Object.entries(paths))
      for (const method of Object.keys(methods))
        expect(
          server.app.fastify.hasRoute({
            method: method.toUpperCase(),
            url: path.replace("/{folder}/{file}", "/:folder/*").replaceAll(/\{(\w+)\}/g, ":$1"),
          }),
          `${method} ${path}`,
        ).toBe(true);
  });

  test("leads with every reference somewhere", () => {
    const references = [...JSON.stringify(api).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? "");
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) expect(referred(api, reference)).toBeDefined();
  });

  test("names each parameter once, and those of the path as the path does", () => {
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { parameters = [] }] of Object.entries(methods)) {
        const named = (parameters as { name: string; in: string }[]).map(({ name, in: place }) => `${place} ${name}`);
        expect(new Set(named).size, `${method} ${path}`).toBe(named.length);
        const inPath = named.filter((one) => one.startsWith("path ")).map((one) => one.slice(5));
        expect(inPath.toSorted()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, part = ""]) => part).toSorted());
      }
  });

  test("offers nobody a place on the server", () => {
    const text = JSON.stringify([paths["/api/training-data/import"], paths["/api/training-data/datasets/{dataset}/export"]]);
    expect(text).not.toMatch(/"name":"(?:file|out)"/);
    for (const { name, http, input } of operations) {
      const members = Object.keys((input as unknown as { shape: object }).shape);
      const places = members.filter((member) => ["file", "folder", "out", "path"].includes(member));
      expect(
        places.filter((member) => !(member in (http.places ?? {}))),
        `${name} takes a place without saying so under http.places`,
      ).toEqual([]);
    }
  });
});

describe("the pages", () => {
  test("hold the same description for programs and for people, without a script", async () => {
    const response = await fetch(`${server.origin}/api/openapi.json`);
    expect(await response.json()).toMatchObject({ openapi: "3.1.0", info: { title: "Tilth", version: "0.0.0" } });
    const page = await (await fetch(`${server.origin}/api`)).text();
    for (const { name } of operations) expect(page).toContain(`id="${name}"`);
    expect(page).not.toMatch(/<script|style=|https?:\/\//);
    expect((await fetch(`${server.origin}/style.css`)).headers.get("content-type")).toContain("text/css");
  });

  test("list every error with its status, where the type of a problem leads", async () => {
    const page = await (await fetch(`${server.origin}/api/errors`)).text();
    for (const code of Object.keys(errorCodes)) expect(page).toContain(`id="${code}"`);
    const problem = (await (await server.fetch("/examples/01NOBODY")).json()) as { type: string };
    expect(page).toContain(`id="${problem.type.split("#")[1]}"`);
  });
});
