import fc from "fast-check";
import { expect, test } from "vitest";
import type { Example } from "./example.ts";
import { exampleSchema, exampleToJson } from "./example.ts";
import { arbitraryContent, arbitraryExample } from "./example.arbitrary.ts";
import type { RowExtras } from "./row.ts";
import { exampleToRow, rowToContent, rowToExample } from "./row.ts";
import { contentToColumns } from "./row-content.ts";

/** What lies in other tables than the row. */
function extrasOf({ quality, engagement, subjectId }: Example): RowExtras {
  return {
    factors: quality.factors,
    ...(engagement === undefined ? {} : { engagement }),
    ...(subjectId === undefined ? {} : { subjectId }),
  };
}

test("round trip: an example read back from its row is the example, whatever its kind", () => {
  fc.assert(
    fc.property(arbitraryExample(), (example) => {
      expect(rowToExample(exampleToRow(example), extrasOf(example))).toStrictEqual(example);
    }),
    { numRuns: 500 },
  );
});

test("round trip: content read back from its columns is the content", () => {
  fc.assert(
    fc.property(arbitraryContent(), (content) => {
      expect(rowToContent(contentToColumns(content))).toStrictEqual(content);
    }),
    { numRuns: 500 },
  );
});

test("an example read back passes the schema of stored examples", () => {
  fc.assert(
    fc.property(arbitraryExample(), (example) => {
      expect(exampleSchema.safeParse(exampleToJson(rowToExample(exampleToRow(example), extrasOf(example)))).error).toBeUndefined();
    }),
  );
});

test("a plain exchange lies in columns alone, without a body", () => {
  const columns = contentToColumns({
    kind: "chat",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Why?" },
      { role: "assistant", content: "Because." },
    ],
  });
  expect(columns).toMatchObject({ system_prompt: "Be brief.", input_text: "Why?", output_text: "Because.", body: null });
});

test("a second turn needs the body, and the columns show the last turn", () => {
  const columns = contentToColumns({
    kind: "chat",
    messages: [
      { role: "user", content: "Why?" },
      { role: "assistant", content: "Because." },
      { role: "user", content: "Really?" },
      { role: "assistant", content: "Yes." },
    ],
  });
  expect(columns).toMatchObject({ input_text: "Really?", output_text: "Yes." });
  expect(columns.body).toContain("Because.");
});
