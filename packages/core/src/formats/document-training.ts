import type { Chat, Message } from "../schema/content.ts";
import type { Described } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { firstOf, mostRows, noObject, quoted, rowOf, textOf, unpacked } from "./columns.ts";
import type { Place } from "./document-fields.ts";
import { created, describeWith, flag, numberOf, word, wordOf } from "./document-fields.ts";
import { notText } from "./exchange.ts";
import type { Format, Reading, Refused } from "./format.ts";
import { readMessages, systemColumn, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import type { Desk } from "./tool-calls.ts";
import { createDesk, unreadOf } from "./tool-calls.ts";

/**
 * Document 3's `TrainingExample`, as its table or its dataclass writes it. `format` decides what a row is: `instruction`, `chat` and
 * `multi_turn` are a chat, `dpo` a preference, `completion` a text.
 *
 * Hashes and `updated_at` are made anew; `quality_tier`, `quality_score`, `used_in_training` and `training_run_id` go to the metadata. A
 * row without a source id is known by its own `id`.
 */
export const documentTraining: Format = {
  name: "document-training",
  title: "rows of document 3's table of training examples",
  kinds: ["chat", "preference", "text"],
  lossless: false,
  readers: [],
  file: "jsonl",
  weight: "refuses",

  detect(sample) {
    if (!mostRows(sample, (row) => [row["format"], row["input_text"], row["output_text"]].every((value) => typeof value === "string")))
      return undefined;
    return { reason: `the rows hold ${quoted(["format", "input_text", "output_text"])}`, specificity: 85 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context);
    return row === undefined ? noObject : readTraining(row);
  },
};

const shapes: ReadonlyMap<string, "chat" | "preference" | "text"> = new Map([
  ["instruction", "chat"],
  ["chat", "chat"],
  ["multi_turn", "chat"],
  ["dpo", "preference"],
  ["completion", "text"],
]);

function readTraining(row: JsonObject): Reading {
  const shape = shapes.get((textOf(row["format"]) ?? "").toLowerCase().replace("-", "_"));
  if (shape === undefined) return refuse("shape", `\`format\` is none of ${[...shapes.keys()].join(", ")}`);
  const missing = ["input_text", "output_text"].find((column) => firstOf(row, [column]) === undefined);
  if (missing !== undefined) return refuse("incomplete", `there is no ${quoted([missing])}`);
  const asked = textOf(row["input_text"]);
  const said = textOf(row["output_text"]);
  if (asked === undefined) return notText("input_text");
  if (said === undefined) return notText("output_text");
  switch (shape) {
    case "chat":
      return readChat(row, asked, said);
    case "preference":
      return readPreference(row, asked, said);
    case "text":
      return given({ kind: "text", text: completionText(asked, said), ...describeRow(row, []) });
  }
}

/** Document 3's own sample of a completion joins both this way; a text that stands in one column alone is that text. */
function completionText(asked: string, said: string): string {
  if (asked === "" || said === "") return asked + said;
  return `Question: ${asked}\n\nAnswer: ${said}`;
}

function readChat(row: JsonObject, asked: string, said: string): Reading {
  const desk = createDesk();
  const prompt = readPrompt(row, asked, "/messages", desk);
  if ("refused" in prompt) return prompt;
  const chat: Draft<Chat> = { kind: "chat", messages: [...prompt.messages, { role: "assistant", content: said }] };
  const context = textOf(row["context"]);
  if (context === undefined) return given({ ...chat, ...describeRow(row, prompt.taken, desk) }, desk.remarks);
  chat.context = context;
  return given({ ...chat, ...describeRow(row, [...prompt.taken, "context"], desk) }, desk.remarks);
}

function readPreference(row: JsonObject, asked: string, said: string): Reading {
  if (firstOf(row, ["rejected_output"]) === undefined) return refuse("incomplete", "a `dpo` row has no `rejected_output`");
  const rejected = textOf(row["rejected_output"]);
  if (rejected === undefined) return notText("rejected_output");
  const desk = createDesk();
  const prompt = readPrompt(row, asked, "/prompt", desk);
  if ("refused" in prompt) return prompt;
  const reason = textOf(row["preference_reason"]);
  const taken = [...prompt.taken, "rejected_output", ...(reason === undefined ? [] : ["preference_reason"])];
  return given(
    {
      kind: "preference",
      prompt: prompt.messages,
      chosen: [{ role: "assistant", content: said }],
      rejected: [{ role: "assistant", content: rejected }],
      ...(reason === undefined ? {} : { reason }),
      ...describeRow(row, taken, desk),
    },
    desk.remarks,
  );
}

/** System prompt, earlier turns and the question. */
function readPrompt(
  row: JsonObject,
  asked: string,
  at: string,
  desk: Desk,
): { readonly messages: readonly Message[]; readonly taken: readonly string[] } | Refused {
  const history = unpacked(row["conversation_history"] ?? []);
  if (!isList(history)) return refuse("shape", "`conversation_history` is no list of turns");
  const turns = readMessages(history, at, desk);
  if ("refused" in turns) return turns;
  const system = systemColumn(row, turns);
  const messages = withSystem(row, system, [...turns, { role: "user", content: asked }]);
  return { messages, taken: ["conversation_history", ...(system === undefined ? [] : [system])] };
}

/** What Tilth computes of every example is computed again. */
const computed = ["content_hash", "input_hash", "updated_at"];

function describeRow(row: JsonObject, taken: readonly string[], desk: Desk = createDesk()): Described {
  const id = wordOf(row["id"]);
  const sourceId = wordOf(row["source_id"]);
  const unread: (readonly [string, Json])[] = [...unreadOf(desk, "document-training")];
  // Two rows of one escalation share its source id, so their own ids are kept beside it.
  if (id !== undefined && sourceId !== undefined) unread.push(["id", id]);
  const content = ["format", "input_text", "output_text", ...computed, ...(sourceId === undefined ? [] : ["id"])];
  const described = describeWith(row, places, [...content, ...taken], unread);
  // The parent is known by its own id, which is the group it stands in: so both stay in one split.
  const group = described.parentId ?? id;
  return group === undefined ? described : { ...described, groupKey: group };
}

const complexity: Place = (described, value) => {
  const level = numberOf(value);
  if (level === undefined || !Number.isInteger(level) || level < 1 || level > 10) return false;
  described.complexity = level;
  return true;
};

const places = {
  source_id: word("sourceId"),
  parent_id: word("parentId"),
  complexity,
  validated: flag("validated"),
  created_at: created,
} as const;
