import { describe, expect, test } from "vitest";
import { addressOf, serverUrl } from "./address.ts";
import { routes } from "./routes.ts";

const server = serverUrl("https://tilth.example/team/");

describe("the address of a server", () => {
  test("may have a path before it, and loses the slash at its end", () => {
    expect(server.href).toBe("https://tilth.example/team");
    expect(serverUrl("http://127.0.0.1:7420").href).toBe("http://127.0.0.1:7420/");
  });

  test.each(["tilth.example", "file:///etc/passwd", "https://ana:secret@tilth.example", "https://tilth.example/?key=secret", ""])(
    "%j is refused, and not quoted",
    (text) => {
      expect(() => serverUrl(text)).toThrow(
        expect.objectContaining({ code: "input/invalid", message: expect.not.stringContaining("secret") }),
      );
    },
  );
});

describe("the address of a call", () => {
  test("holds what the path asks for, escaped, and the rest as a query", () => {
    const { url, rest } = addressOf(server, routes["example.similar"], { id: "a/b?c", limit: 3, type: undefined });
    expect([url.href, rest]).toEqual(["https://tilth.example/team/api/training-data/examples/a%2Fb%3Fc/similar?limit=3", {}]);
  });

  test("names the dataset of a version in the path and the version in the query", () => {
    expect(addressOf(server, routes["dataset.export"], { version: "Garden chats@1.2", split: false }).url.href).toBe(
      "https://tilth.example/team/api/training-data/datasets/Garden%20chats/export?split=false&version=1.2",
    );
    expect(addressOf(server, routes["dataset.export"], { version: "garden" }).url.search).toBe("");
  });

  test("leaves to the body what a body takes, and says lists value by value elsewhere", () => {
    expect(addressOf(server, routes["example.edit"], { id: "01", set: { topic: null } })).toMatchObject({ rest: { set: { topic: null } } });
    expect(addressOf(server, routes["example.import"], { tags: ["a", "b&c"] }).url.search).toBe("?tags=a&tags=b%26c");
  });

  test.each([
    ["a part that would lead elsewhere", "example.show", { id: ".." }],
    ["a missing part", "example.show", {}],
    ["a place of the server's machine", "example.import", { file: "/etc/passwd" }],
  ] as const)("%s is refused", (_, name, input) => {
    expect(() => addressOf(server, routes[name], input)).toThrow(expect.objectContaining({ code: "input/invalid" }));
  });
});
