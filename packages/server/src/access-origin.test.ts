import { expect, test } from "vitest";
import { crossSiteReason, isLocal, isLoopbackAddress, isLoopbackHost } from "./access-origin.ts";

test.each(["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::FFFF:127.1.2.3"])("%s is this machine", (address) => {
  expect(isLoopbackAddress(address)).toBe(true);
});

test.each(["0.0.0.0", "10.0.0.1", "128.0.0.1", "::", "::ffff:10.0.0.1", "fe80::1", "", "localhost", "127.0.0.1.evil.example"])(
  "%s is not an address of this machine alone",
  (address) => {
    expect(isLoopbackAddress(address)).toBe(false);
  },
);

test("localhost is a host of this machine, names that only begin or end so are not", () => {
  expect(["localhost", "LOCALHOST", "[::1]", "127.0.0.1"].map(isLoopbackHost)).toEqual([true, true, true, true]);
  expect(["localhost.example", "my-localhost", "evil.localhost", "localhost.", ""].map(isLoopbackHost)).not.toContain(true);
});

test("a Host that cannot be read lets nobody in", () => {
  for (const host of [undefined, "", "a b", "user@localhost@evil", "localhost:port", "//localhost", "evil\\@localhost"])
    expect(isLocal({ method: "GET", headers: host === undefined ? {} : { host }, remoteAddress: "127.0.0.1" }), host).toBe(false);
  expect(isLocal({ method: "GET", headers: { host: "localhost" }, remoteAddress: undefined })).toBe(false);
  expect(isLocal({ method: "GET", headers: { host: "localhost" }, remoteAddress: "10.0.0.2" })).toBe(false);
});

const reason = (method: string, headers: Readonly<Record<string, string>>, hasCookie = true): string | undefined =>
  crossSiteReason({ method, headers, host: headers["host"] ?? "" }, { hasCookie });

test("the default port may be said or left away", () => {
  expect(reason("POST", { origin: "https://tilth.example", host: "tilth.example:443" })).toBeUndefined();
  expect(reason("POST", { origin: "https://tilth.example", host: "tilth.example" })).toBeUndefined();
  expect(reason("POST", { origin: "http://tilth.example:80", host: "tilth.example" })).toBeUndefined();
  expect(reason("POST", { origin: "https://tilth.example", host: "tilth.example:8443" })).toBeDefined();
});

test("what the browser says goes before Origin; a safe method needs no proof", () => {
  expect(reason("POST", { "sec-fetch-site": "same-origin", origin: "https://behind-a-proxy.example", host: "10.0.0.3" })).toBeUndefined();
  expect(reason("POST", { "sec-fetch-site": "cross-site", origin: "https://tilth.example", host: "tilth.example" })).toBeDefined();
  expect(reason("POST", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBeDefined();
  expect([reason("GET", {}), reason("HEAD", {}), reason("POST", {}, false)]).toEqual([undefined, undefined, undefined]);
  expect(["POST", "PUT", "PATCH", "DELETE"].map((method) => reason(method, {}) === undefined)).toEqual([false, false, false, false]);
});

test("an Origin that cannot be read is another one", () => {
  for (const origin of ["null", "", "tilth.example", "file://", "https://", "https://tilth.example.evil"])
    expect(reason("POST", { origin, host: "tilth.example" }), origin).toBeDefined();
});
