import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Kind } from "../../packages/core/src/schema/content.ts";
import type { Journey } from "../journeys/tilth.ts";
import { startJourney } from "../journeys/tilth.ts";

/** Stands in every example: a family joined by zero-width joiners, a flag, letters beyond U+FFFF, combining marks, CJK, right-to-left. */
export const mark = "👩‍👩‍👧‍👦🇨🇭 𝒯𠮷 e\u0301 土を耕す שלום";

/** The version that {@link openWorkspace} makes. */
export const version = "every-kind@1.0";

/**
 * Makes a workspace with examples of every kind and commits them as {@link version}, all through the command line.
 *
 * @throws Error when a row was refused or left out: the suite would then prove less than it says.
 */
export async function openWorkspace(): Promise<Journey> {
  const journey = await startJourney();
  const rows = Object.values(rowsOf).flatMap((make) => Array.from({ length: 40 }, (_, n) => ({ ...about(n), ...make(n) })));
  await writeFile(join(journey.folder, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  await journey.json(0, "init", "--pack", "intents", "--pack", "insights");
  const report = await journey.json(0, "import", "rows.jsonl", "--format", "tilth", "--dataset", "Every kind");
  if (report["accepted"] !== rows.length) throw new Error(`not every row was accepted: ${JSON.stringify(report)}`);
  const made = await journey.json(0, "commit", "every-kind", "-m", "every kind");
  if (made["rows"] !== rows.length) throw new Error(`not every row was committed: ${JSON.stringify(made)}`);
  return journey;
}

/** Examples of a kind without their common fields. */
const rowsOf: Readonly<Record<Kind, (n: number) => object>> = {
  chat: (n) =>
    n % 3 === 0 ? toolChat(n) : n % 3 === 1 ? longChat(n) : { kind: "chat", messages: exchange(`How deep is bed ${n}?`, trap(n)) },
  preference: (n) => ({
    kind: "preference",
    prompt: [user(`Which mulch for bed ${n}? ${mark}`)],
    chosen: [assistant(`Straw, ${n} cm deep.\n\nIt keeps the water in and the "weeds" out. ${mark}`)],
    rejected: [assistant("Whatever lies about.")],
    ...(n % 2 === 0 ? { reason: "names a thickness", margin: 0.5 } : {}),
  }),
  rating: (n) => ({
    kind: "rating",
    prompt: [user(`When do I water row ${n}? ${mark}`)],
    completion: [assistant(`Before sunrise, ${n} litres a metre.`)],
    label: n % 2 === 0,
  }),
  text: (n) => ({
    kind: "text",
    text: [...plainTexts, `A note on plot ${n}.\u0000 ${mark}`][n] ?? `Plot ${n} was limed, raked and sown. ${mark}`,
  }),
  classification: (n) => {
    const text = `please dig bed ${n} over ${mark} now`;
    return {
      kind: "classification",
      text,
      labels: n % 2 === 0 ? { intent: "dig", sentiment: "neutral", persona: "gardener" } : { intent: "dig" },
      entities: [span("bed", `bed ${n}`, text), span("when", "now", text)],
    };
  },
  extraction: (n) => ({
    kind: "extraction",
    document: { title: `Soil report ${n}`, content: `Clay at ${n} cm, pH seven. ${mark}\nLime was added.` },
    items: [
      { id: `${n}-1`, text: `clay at ${n} cm`, category: "texture" },
      { id: `${n}-2`, text: "limed ✅", category: "treatment" },
    ],
  }),
  steps: (n) => ({
    kind: "steps",
    prompt: `A bed is ${n} m by 3 m. How large? ${mark}`,
    steps: [
      { text: `${n} times 3`, correct: true },
      { text: `so ${n * 3 + (n % 2)} m²`, correct: n % 2 === 0 },
    ],
  }),
};

/** What readers have been seen to change. */
const plainTexts = [
  "NA",
  "null",
  "  kept   spaces\tand tabs  ",
  'He said "dig", then; left|it',
  "2026-01-02",
  "007",
  "=SUM(A1)",
  "line one\r\nline two\rline three",
];

function trap(n: number): string {
  return `"${n}" cm,\n\tor so \\ less; ${mark}`;
}

function about(n: number): object {
  return {
    source: "garden",
    // Whatever ids the rows get, the same ones go to training.
    groupKey: `plot ${n}`,
    topic: n % 2 === 0 ? "soil" : "water",
    tags: n % 3 === 0 ? ["jardín", 'quote"d'] : [],
    confidence: n / 16,
    weight: [1, 2, 0.5][n % 3],
    metadata: n % 2 === 0 ? { plot: n, note: mark, nested: { list: [1, 2] } } : {},
  };
}

function longChat(n: number): object {
  return {
    kind: "chat",
    messages: [
      { role: "system", content: `You are a gardener. ${mark}` },
      ...exchange(`What grows in shade ${n}?`, "Woodruff."),
      ...exchange("And beside it?", `Ferns, ${n} of them. ${mark}`),
    ],
  };
}

/** Two tools whose arguments have no member in common. */
function toolChat(n: number): object {
  const call =
    n % 2 === 0
      ? { id: `call_${n}`, name: "soil_moisture", arguments: { bed: n, depthCm: 10.5 } }
      : { id: `call_${n}`, name: "weather", arguments: { place: `Zürich ${mark}`, days: [1, 2] } };
  return {
    kind: "chat",
    messages: [
      user(`Is bed ${n} dry? ${mark}`),
      { role: "assistant", content: "", toolCalls: [call] },
      { role: "tool", content: '{"ok": true}', toolCallId: `call_${n}` },
      assistant(`Dry enough, ${n} mm are missing. ${mark}`),
    ],
    tools: [
      {
        name: "soil_moisture",
        description: "Reads a sensor",
        parameters: { type: "object", properties: { bed: { type: "integer" }, depthCm: { type: "number" } } },
      },
      {
        name: "weather",
        description: "Looks ahead",
        parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
      },
    ],
  };
}

function exchange(question: string, answer: string): readonly object[] {
  return [user(question), assistant(answer)];
}

function user(content: string): object {
  return { role: "user", content };
}

function assistant(content: string): object {
  return { role: "assistant", content };
}

/** Offsets count code points. */
function span(label: string, surface: string, text: string): object {
  const start = Array.from(text.slice(0, text.indexOf(surface))).length;
  return { label, start, end: start + Array.from(surface).length, surface };
}
