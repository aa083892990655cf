import { expect, test } from "vitest";
import { encoding } from "./encoding.ts";

const message = (text: string, more: object = {}): string | undefined =>
  encoding.check({ kind: "text", text, ...more }, { thresholds: {} })[0]?.message;

test.each(["CafÃ© au lait", "itâ€™s here", "10 Â° outside".replace(" °", "°"), "gm ðŸŽ€", "we äó_ and", "ï¿½"])(
  "decoded wrongly: %s",
  (text) => {
    expect(message(text)).toBe("the text looks decoded with the wrong encoding");
  },
);

test.each([
  "Café au lait",
  "it’s here",
  "São Paulo, Âme, ÃO",
  "10 °C",
  "gm 🎀",
  "naïve façade",
  "Привет",
  "äöü åäö",
  "one\r\ntwo\tthree",
  "NEL\u0085",
])("as it should be: %s", (text) => {
  expect(message(text)).toBeUndefined();
});

test("lost and control characters are told apart", () => {
  expect(message("caf\ufffd")).toBe("the text holds U+FFFD, where a character was lost");
  expect(message("a\x00b")).toBe("the text holds control characters");
  expect(message("\x1b[31mred")).toBe("the text holds control characters");
});

test("entities are flagged in prose, not in markup or code", () => {
  expect(message("Tom &amp; Jerry")).toBe("the text holds HTML entities");
  expect(message("it&#39;s")).toBe("the text holds HTML entities");
  expect(message("R&D; AT&T")).toBeUndefined();
  expect(message("<p>Tom &amp; Jerry</p>")).toBeUndefined();
  expect(message("x &lt; y", { domain: "code" })).toBeUndefined();
});

test("says which of several texts it is", () => {
  const messages = [
    { role: "user", content: "fine" },
    { role: "assistant", content: "cafÃ©" },
  ] as const;
  expect(encoding.check({ kind: "chat", messages }, { thresholds: {} })).toMatchObject([{ at: "/messages/1/content" }]);
});

test("of ASCII exactly C0 without tab and line ends, and DEL, are control characters; form feed is none", () => {
  const flagged = Array.from({ length: 128 }, (_, code) => code).filter((code) => message(`a${String.fromCharCode(code)}b`) !== undefined);
  const c0 = Array.from({ length: 32 }, (_, code) => code).filter((code) => ![9, 10, 12, 13].includes(code));
  expect(flagged).toEqual([...c0, 127]);
});
