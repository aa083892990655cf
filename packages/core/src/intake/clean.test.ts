import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRedactor } from "../privacy/redactor.ts";
import type { Content } from "../schema/content.ts";
import { arbitraryContent } from "../schema/example.arbitrary.ts";
import { cleanExample } from "./clean.ts";

const options = { redactor: createRedactor(), pseudonym: (identifier: string) => `person_${identifier.length}` };
const createdAt = "2024-05-01T10:00:00.000Z";

test("an example that says its content alone takes a short way to the same", () => {
  const text = fc.constantFrom("Write to ana@example.org.", "half \ud83c a pair", "a\0b", "nothing to see", "password: hunter2x9");
  const chat = fc.tuple(text, text).map(([question, answer]): Content => ({
    kind: "chat",
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ],
  }));
  fc.assert(
    fc.property(fc.oneof(chat, arbitraryContent()), (content) => {
      const { example, ...told } = cleanExample(content, options);
      const { example: longWay, ...toldToo } = cleanExample({ ...content, createdAt }, options);
      expect(longWay).toEqual({ ...example, createdAt });
      expect(toldToo).toEqual(told);
    }),
  );
});

test("where there is nothing to clean, the same example comes back", () => {
  const example = { kind: "text", text: "nothing to see", metadata: { user: "assistant" } } as const;
  expect(cleanExample(example, options)).toEqual({ example, findings: [], redacted: {} });
  expect(cleanExample(example, options).example).toBe(example);
});
