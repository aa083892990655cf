import { expect, test } from "vitest";
import { readConfig, writeConfig } from "./config.ts";
import { resolvePacks } from "./load.ts";
import { packs } from "./shipped.ts";

const all = packs.map(({ name }) => name);

test("a new tilth.yaml sets the packs and nothing else", () => {
  expect(readConfig(writeConfig(["social", "roofing"]), "tilth.yaml")).toEqual({ packs: ["social", "roofing"] });
  expect(readConfig(writeConfig([]), "tilth.yaml")).toEqual({ packs: [] });
});

test("taking the comments out changes nothing: they are what the packs say", () => {
  const text = writeConfig(all);
  const values = text.slice(text.indexOf("stands under.\n") + "stands under.\n".length).replaceAll(/^# /gm, "");
  const config = readConfig(`packs: [${all.join(", ")}]\n${values}`, "tilth.yaml");
  expect(Object.keys(config).length).toBeGreaterThan(10);
  expect(resolvePacks(all, { overrides: config }).fingerprint).toBe(resolvePacks(all).fingerprint);
});

test("shows lists of words in one line, so that tables stay readable", () => {
  expect(writeConfig(["roofing"])).toContain("#       mod-bit: [modified, mod bit, sbs, app]\n");
});

test("reads the keys of a workspace", () => {
  const text =
    'packs: [social]\nstorage: postgres://db/tilth\nimport:\n  maps:\n    posts: { kind: "\'text\'", engagement.likes: "favorites|int" }\nprivacy: { actions: { PHONE: flag } }\n';
  expect(readConfig(text, "tilth.yaml")).toEqual({
    packs: ["social"],
    storage: "postgres://db/tilth",
    import: { maps: { posts: { kind: "'text'", "engagement.likes": "favorites|int" } } },
    privacy: { actions: { PHONE: "flag" } },
  });
  expect(readConfig("", "tilth.yaml")).toEqual({});
});

test("names path, line and the nearest key of what it refuses", () => {
  expect(() => readConfig("packs: [social]\n# a comment\nstroage: here\n", "here/tilth.yaml")).toThrow(
    "here/tilth.yaml, line 3: unknown key stroage; the nearest is storage.",
  );
  expect(() => readConfig("packs: social\n", "tilth.yaml")).toThrow(/^tilth\.yaml, line 1: packs: /);
});
