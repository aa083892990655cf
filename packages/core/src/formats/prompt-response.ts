import type { JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { mostRows, noObject, quoted, rowOf, textOf } from "./columns.ts";
import { exchangeColumns, readExchange } from "./exchange.ts";
import type { Format } from "./format.ts";
import type { Draft } from "./reading.ts";
import { asChat, chatLosses, messageLosses, plainExchange } from "./render.ts";

/** A question and an answer in columns of their own: the plainest rows there are, as gsm8k has them. */
export const promptResponse: Format = {
  name: "prompt-response",
  title: "a question and an answer in two columns",
  kinds: ["chat", "classification", "extraction"],
  lossless: false,
  readers: ["modal"],
  file: "jsonl",
  weight: "materialises",

  detect(sample) {
    const half = halves.find((column) => mostRows(sample, (row) => isAlone(row, column)));
    if (half !== undefined) return { reason: `the rows hold ${quoted([half])} and nothing to go with it`, specificity: 5 };
    if (!mostRows(sample, (row) => exchangeColumns(row) !== undefined)) return undefined;
    const columns = sample.rows.map((row) => (isJsonObject(row) ? exchangeColumns(row) : undefined)).find((found) => found !== undefined);
    return { reason: `the rows hold ${quoted(columns ?? [])}`, specificity: 40 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context);
    return row === undefined ? noObject : readExchange(row);
  },

  write(example, options) {
    const rendered = asChat(example, options.render);
    if (rendered === undefined) return { refused: "kind" };
    const { chat } = rendered;
    const exchange = plainExchange(chat);
    if (typeof exchange === "string") return { refused: exchange };
    const row: Draft<JsonObject> = { prompt: exchange.question, response: exchange.answer };
    if (options.needs.has("system")) row["system"] = exchange.system ?? "";
    return {
      rows: [row],
      losses: [
        ...rendered.losses,
        ...messageLosses(chat.messages, ["weight", "reasoning", "parts"]),
        ...chatLosses(chat, ["context", "reference"]),
      ],
    };
  },

  needs(example) {
    return example.kind === "chat" && example.messages[0]?.role === "system" ? ["system"] : [];
  },
};

/** A question or an answer: rows that hold one of them alone are recognised, so that each is refused as what it is. */
const halves = ["question", "query", "prompt", "answer", "response"] as const;

/** Columns that are never the other half. */
const describing: ReadonlySet<string> = new Set(
  "id question_id source type topic domain category tags language confidence created_at timestamp metadata".split(" "),
);

function isAlone(row: JsonObject, half: string): boolean {
  return textOf(row[half]) !== undefined && Object.keys(row).every((column) => column === half || describing.has(column));
}
