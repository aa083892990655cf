import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../text/canonical.ts";
import { sha256Half, toHex } from "../text/hash.ts";
import { identityText } from "../text/normalize.ts";
import type { Content } from "./content.ts";
import { contentMembers, kinds } from "./content.ts";
import { arbitraryContent } from "./example.arbitrary.ts";
import { beforeAnswer, identityOf } from "./identity.ts";

const chat = (question: string, answer: string): Content => ({
  kind: "chat",
  messages: [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ],
});
const contentHash = (content: Content): string => toHex(identityOf(content).contentHash);
const inputHash = (content: Content): string => toHex(identityOf(content).inputHash);

describe("the same content", () => {
  test.each([
    ["accents composed or not", "caf\u00e9", "cafe\u0301"],
    ["line ends of Windows", "a\nb", "a\r\nb"],
    ["line ends of old Macs", "a\nb", "a\rb"],
  ])("%s", (_, left, right) => {
    expect(contentHash(chat("q", left))).toBe(contentHash(chat("q", right)));
    expect(inputHash(chat(left, "a"))).toBe(inputHash(chat(right, "a")));
  });

  test("the order in which members were written does not count", () => {
    fc.assert(
      fc.property(arbitraryContent(), (content) => {
        const turned = Object.fromEntries(Object.entries(content).toReversed()) as unknown as Content;
        expect(contentHash(turned)).toBe(contentHash(content));
      }),
    );
  });

  test("common fields beside the content do not count", () => {
    const beside = { ...chat("q", "a"), domain: "code", tags: ["x"] };
    expect(contentHash(beside)).toBe(contentHash(chat("q", "a")));
  });
});

describe("other content", () => {
  test.each([
    ["white space at the end", "a", "a "],
    ["white space at the start", "a", "\na"],
    ["case", "a", "A"],
    ["compatibility forms", "1", "\u2460"],
  ])("%s", (_, left, right) => {
    expect(contentHash(chat("q", left))).not.toBe(contentHash(chat("q", right)));
    expect(inputHash(chat(left, "a"))).not.toBe(inputHash(chat(right, "a")));
  });

  test.each(kinds)("every member of a %s counts: two contents are the same exactly when all of theirs are", (kind) => {
    fc.assert(
      fc.property(
        arbitraryContent([kind]),
        arbitraryContent([kind]),
        fc.constantFrom(...contentMembers[kind]),
        (content, other, member) => {
          const mixed = JSON.parse(canonicalJson({ ...content, [member]: Reflect.get(other, member) }));
          const isSame = canonicalJson(mixed, identityText) === canonicalJson(content, identityText);
          expect(contentHash(mixed) === contentHash(content)).toBe(isSame);
        },
      ),
    );
  });

  test("the same text as a post and as a line to classify", () => {
    const text = "good morning";
    expect(contentHash({ kind: "text", text })).not.toBe(contentHash({ kind: "classification", text, labels: {}, entities: [] }));
    expect(inputHash({ kind: "text", text })).toBe(inputHash({ kind: "classification", text, labels: {}, entities: [] }));
  });
});

describe("the same input", () => {
  const prompt = [{ role: "user", content: "Why?" }] as const;
  const said = (content: string) => [{ role: "assistant", content }] as const;

  test("a chat, its preference, its rating and its correction share it", () => {
    const original = inputHash({ kind: "chat", messages: [...prompt, ...said("Because.")] });
    expect(inputHash({ kind: "chat", messages: [...prompt, ...said("Since it is so.")] })).toBe(original);
    expect(inputHash({ kind: "preference", prompt, chosen: said("Since."), rejected: said("Because.") })).toBe(original);
    expect(inputHash({ kind: "rating", prompt, completion: said("Because."), label: true })).toBe(original);
    expect(inputHash({ kind: "steps", prompt: "Why?", steps: [{ text: "Because.", correct: true }] })).toBe(original);
  });

  test("a chat that still waits for its answer asks all of its messages", () => {
    expect(inputHash({ kind: "chat", messages: prompt })).toBe(inputHash({ kind: "chat", messages: [...prompt, ...said("Because.")] }));
  });

  test("two extractions of one document share it, whatever they found", () => {
    const document = { url: "https://example.org", content: "A long text." };
    const item = { id: "1", text: "A finding", category: "fact" };
    expect(inputHash({ kind: "extraction", document, items: [] })).toBe(inputHash({ kind: "extraction", document, items: [item] }));
  });
});

test("identities are 16 bytes", () => {
  const { contentHash: whole, inputHash: input } = identityOf(chat("q", "a"));
  expect([whole.length, input.length]).toEqual([16, 16]);
});

test("chats of messages alone take a short way to the same identities", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("a", '"', "\\", "\r", "\n", "\0", "e", "\u0301", "\ud83c", "é") }),
  );
  const message = fc.record(
    { content: text, role: fc.constantFrom("system", "user", "assistant", "tool"), name: text, reasoning: text },
    { requiredKeys: ["content", "role"] },
  );
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
      const { contentHash: whole, inputHash: input } = identityOf({ kind: "chat", messages });
      expect(whole).toEqual(sha256Half(canonicalJson({ kind: "chat", content: { messages } }, identityText)));
      expect(input).toEqual(sha256Half(canonicalJson(beforeAnswer(messages), identityText)));
    }),
  );
});
