import type { Kind, Message, Role, Tool } from "../schema/content.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { codePointLength, codePointSlice } from "../text/words.ts";
import { textOf, unpacked } from "./columns.ts";
import { readEntities } from "./entities.ts";
import type { Refused } from "./format.ts";
import type { Side } from "./mapping-fields.ts";
import { readMessages, unanswered } from "./messages.ts";
import { isList, refuse } from "./reading.ts";
import type { Desk } from "./tool-calls.ts";
import { forkDesk, readTools } from "./tool-calls.ts";

/** What the map found in one row for the content. */
export interface Gathered {
  /** By field, without those of messages; never empty text. */
  readonly values: ReadonlyMap<string, Json>;
  /** In the order of the map. */
  readonly turns: readonly Turn[];
}

export interface Turn {
  readonly side: Side;
  readonly role?: Role;
  readonly value: Json;
  /** The column it came from. */
  readonly column: string;
}

/** Longer documents are cut, and their metadata say so. */
const DOCUMENT_CODE_POINTS = 8_000;

/** The members of a kind but `kind`, still to be parsed; or why there are none. Remarks go to the desk. */
export function contentOf(kind: Kind, gathered: Gathered, desk: Desk): Members | Refused {
  switch (kind) {
    case "chat":
      return chatOf(gathered, desk);
    case "preference":
      return sidesOf(["prompt", "chosen", "rejected"], ["reason", "margin"], gathered, desk);
    case "rating":
      return sidesOf(["prompt", "completion"], ["label"], gathered, desk);
    case "text":
      return textContent(gathered);
    case "classification":
      return classificationOf(gathered, desk);
    case "extraction":
      return extractionOf(gathered);
    case "steps":
      return stepsOf(gathered);
  }
}

/** Members of a content, wrapped so that a refusal can be told from them. */
interface Members {
  readonly members: Readonly<Record<string, unknown>>;
}

function chatOf(gathered: Gathered, desk: Desk): Members | Refused {
  const messages: Message[] = [];
  for (const side of ["messages", "prompt", "completion"] as const) {
    const read = readSide(side, "/messages", gathered, desk);
    if ("refused" in read) return read;
    messages.push(...read);
  }
  const whole = withSystem(messages, gathered);
  const { reference } = Object.fromEntries(gathered.values);
  const problem =
    reference === undefined
      ? unanswered(whole)
      : whole.at(-1)?.role === "user"
        ? undefined
        : refuse("incomplete", "the messages do not end with a question");
  if (problem !== undefined) return problem;
  const tools = toolsOf(gathered, desk);
  return "refused" in tools ? tools : { members: { messages: whole, ...tools, ...some(gathered, ["context", "reference"]) } };
}

function sidesOf(sides: readonly Side[], fields: readonly string[], gathered: Gathered, desk: Desk): Members | Refused {
  const members: Record<string, unknown> = {};
  for (const side of sides) {
    // Each answer follows the same prompt: its calls are counted apart.
    const read = readSide(side, `/${side}`, gathered, side === "prompt" ? desk : forkDesk(desk));
    if ("refused" in read) return read;
    if (read.every(({ role }) => role === "system")) return refuse("incomplete", `the row has no \`${side}\``);
    members[side] = side === "prompt" ? withSystem(read, gathered) : read;
  }
  if (fields.includes("label") && !gathered.values.has("label")) return refuse("incomplete", "the row has no `label`");
  const tools = toolsOf(gathered, desk);
  return "refused" in tools ? tools : { members: { ...members, ...tools, ...some(gathered, fields) } };
}

function readSide(side: Side, at: string, { turns }: Gathered, desk: Desk): readonly Message[] | Refused {
  const messages: Message[] = [];
  for (const turn of turns) {
    if (turn.side !== side) continue;
    const text = textOf(turn.value);
    if (text !== undefined) messages.push({ role: turn.role ?? (side === "prompt" ? "user" : "assistant"), content: text });
    else if (turn.value === null || typeof turn.value !== "object") return refuse("shape", `\`${turn.column}\` is no text`);
    else {
      const read = readMessages(isList(turn.value) ? turn.value : [turn.value], at, desk);
      if ("refused" in read) return refuse(read.refused, `in \`${turn.column}\`, ${read.reason}`);
      messages.push(...read);
    }
  }
  return messages;
}

function withSystem(messages: readonly Message[], { values }: Gathered): readonly Message[] {
  const system = textOf(values.get("system"));
  return system === undefined || messages[0]?.role === "system" ? messages : [{ role: "system", content: system }, ...messages];
}

function toolsOf({ values }: Gathered, desk: Desk): { readonly tools?: readonly Tool[] } | Refused {
  const tools = readTools(values.get("tools"), desk);
  if (tools === undefined) return {};
  return "refused" in tools ? tools : { tools };
}

function some({ values }: Gathered, fields: readonly string[]): Members["members"] {
  return Object.fromEntries(fields.flatMap((field) => (values.has(field) ? [[field, values.get(field)]] : [])));
}

function textContent({ values }: Gathered): Members | Refused {
  const text = values.get("text");
  return text === undefined ? refuse("incomplete", "the row has no `text`") : { members: { text } };
}

function classificationOf(gathered: Gathered, desk: Desk): Members | Refused {
  const text = textOf(gathered.values.get("text"));
  if (text === undefined) return refuse("incomplete", "the row has no `text`");
  const entities = readEntities(gathered.values.get("entities") ?? [], text);
  if (entities === undefined) return refuse("shape", "`entities` are no spans with label, start and end");
  desk.remarks.push(...entities.remarks);
  return { members: { text, labels: some(gathered, ["intent", "sentiment", "persona", "categories"]), entities: entities.spans } };
}

function extractionOf({ values }: Gathered): Members | Refused {
  const content = textOf(values.get("document.content"));
  if (content === undefined) return refuse("incomplete", "the row has no `document.content`");
  const list = unpacked(values.get("items") ?? null);
  if (!isList(list)) return refuse("incomplete", "the row has no `items`");
  const items: JsonObject[] = [];
  for (const item of list) {
    const { id, text, category } = isJsonObject(item) ? item : {};
    if (typeof text !== "string" || typeof category !== "string")
      return refuse("shape", `item ${items.length + 1} has no text or no category`);
    items.push({ id: textOf(id) ?? `item_${items.length + 1}`, text, category });
  }
  const [url, title] = [values.get("document.url"), values.get("document.title")];
  const document = {
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    content: codePointSlice(content, 0, DOCUMENT_CODE_POINTS),
  };
  return { members: { document, items } };
}

/** True where the document of a row is longer than is held. */
export function isCut({ values }: Gathered): boolean {
  return codePointLength(textOf(values.get("document.content")) ?? "") > DOCUMENT_CODE_POINTS;
}

function stepsOf({ values, turns }: Gathered): Members | Refused {
  const prompt = turns.filter(({ side }) => side === "prompt").map(({ value }) => textOf(value));
  const [text] = prompt;
  if (prompt.length > 1) return refuse("shape", "a `prompt` before steps is one text");
  if (text === undefined) return refuse("incomplete", "the row has no `prompt` of text");
  const list = unpacked(values.get("steps") ?? null);
  if (!isList(list)) return refuse("incomplete", "the row has no `steps`");
  const steps: JsonObject[] = [];
  for (const step of list) {
    const { text: said, correct } = isJsonObject(step) ? step : {};
    if (typeof said !== "string" || typeof correct !== "boolean")
      return refuse("shape", `step ${steps.length + 1} has no text or no verdict`);
    steps.push({ text: said, correct });
  }
  return { members: { prompt: text, steps } };
}
