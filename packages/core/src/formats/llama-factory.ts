import { TilthError } from "../errors.ts";
import type { Message, Preference, Rating } from "../schema/content.ts";
import type { Example } from "../schema/example.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { askedBy } from "./alpaca.ts";
import { describe, firstOf, mostRows, noObject, quoted, rowOf, unpacked } from "./columns.ts";
import {
  conversationColumn,
  conversationColumns,
  extraNeeds,
  readConversation,
  readTurns,
  renderAnswer,
  renderTurns,
  turnExtras,
} from "./conversations.ts";
import type { Format, Reading, Refused, WriteOptions, Writing } from "./format.ts";
import { readMessages, systemColumn, systemTaken, verdictOf, withSystem } from "./messages.ts";
import type { Draft } from "./reading.ts";
import { given, isList, refuse } from "./reading.ts";
import { hasArgumentsText, messageLosses } from "./render.ts";
import { isMixture, shapeNeed } from "./row-shape.ts";
import { conversationNeeds, writeConversation } from "./sharegpt.ts";
import type { Sides } from "./sides.ts";
import { asksNothing, isSide, isTurn, isTurns, readSide, splitMessages } from "./sides.ts";
import { writeTextRow } from "./text-rows.ts";
import type { Desk } from "./tool-calls.ts";
import { createDesk, forkDesk, readTools, unreadOf } from "./tool-calls.ts";
import { lastAnswered } from "./trl-unpaired.ts";

/**
 * LLaMA-Factory's rows: ShareGPT turns, with `chosen` and `rejected` for pairs and `kto_tag` for verdicts; read also the pairs of its v1
 * engine (`chosen_messages`, `rejected_messages`) and Alpaca's task before two answers or with a verdict. A file holds rows of one shape.
 *
 * @see {@link https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md | LLaMA-Factory, data}
 */
export const llamaFactory: Format = {
  name: "llama-factory",
  title: "LLaMA-Factory's conversations, pairs and verdicts",
  kinds: ["chat", "preference", "rating", "text", "classification", "extraction"],
  lossless: false,
  readers: ["llama-factory"],
  file: "jsonl",
  weight: "materialises",

  /** @throws {@link TilthError} `format/configuration` for its `dataset_info.json`. */
  detect(sample) {
    if (sample.rows.length === 1 && isConfiguration(sample.rows[0]))
      throw new TilthError("format/configuration", { what: "LLaMA-Factory's dataset_info.json" });
    const shape = shapes.find(({ fits }) => mostRows(sample, fits));
    return shape === undefined ? undefined : { reason: `the rows hold ${quoted(shape.columns)}`, specificity: 85 };
  },

  read(foreign, context) {
    const row = rowOf(foreign, context, [...conversationColumns, "messages", "chosen_messages", "rejected_messages"]);
    if (row === undefined) return noObject;
    if (isConfiguration(row))
      return refuse("configuration", "the row is a dataset_info.json: it says what columns mean and holds no example");
    if (firstOf(row, ["chosen", "rejected", "chosen_messages", "rejected_messages"]) !== undefined) return readPair(row);
    return "kto_tag" in row ? readVerdict(row) : readConversation(row, "llama-factory");
  },

  write(example, options) {
    const shape = shapeOf(example);
    if (shape === undefined) return { refused: "kind" };
    if (isMixture(shape, options.needs)) return { refused: "mixture" };
    if (example.kind === "preference") return writePair(example, options);
    if (example.kind === "rating") return writeVerdict(example, options);
    return example.kind === "text" ? writeTextRow(example) : writeConversation(example, options);
  },

  needs(example) {
    const shape = shapeOf(example);
    const extras =
      example.kind === "preference" || example.kind === "rating" ? extraNeeds(example.prompt, example.tools) : conversationNeeds(example);
    return shape === undefined ? [] : [shapeNeed(shape), ...extras];
  },
};

/** Which of the file's shapes an example's rows have. */
function shapeOf({ kind }: Example): string | undefined {
  if (kind === "steps") return undefined;
  return kind === "classification" || kind === "extraction" ? "chat" : kind;
}

const fileKeys = ["file_name", "hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name"] as const;

/** A map from names of data sets to where they lie. */
function isConfiguration(row: Json | undefined): boolean {
  if (!isJsonObject(row)) return false;
  const maps = Object.values(row);
  return maps.length > 0 && maps.every((map) => isJsonObject(map) && fileKeys.some((key) => key in map));
}

const shapes: readonly { readonly columns: readonly string[]; readonly fits: (row: JsonObject) => boolean }[] = [
  {
    columns: ["chosen_messages", "rejected_messages"],
    fits: (row) => isTurns(unpacked(row["chosen_messages"] ?? null)) && isTurns(unpacked(row["rejected_messages"] ?? null)),
  },
  { columns: ["conversations", "chosen", "rejected"], fits: (row) => conversationColumn(row) !== undefined && isRanked(row) },
  { columns: ["instruction", "chosen", "rejected"], fits: (row) => typeof row["instruction"] === "string" && isRanked(row) },
  {
    columns: ["conversations", "kto_tag"],
    fits: (row) => conversationColumn(row) !== undefined && verdictOf(row["kto_tag"]) !== undefined,
  },
  {
    columns: ["messages", "kto_tag"],
    fits: (row) => isTurns(unpacked(row["messages"] ?? null)) && verdictOf(row["kto_tag"]) !== undefined,
  },
  { columns: ["instruction", "kto_tag"], fits: (row) => typeof row["instruction"] === "string" && verdictOf(row["kto_tag"]) !== undefined },
];

function isRanked(row: JsonObject): boolean {
  return ["chosen", "rejected"].every((side) => isSide(row[side]) || isTurn(unpacked(row[side] ?? null)));
}

const content =
  "conversations conversation messages instruction input output history tools chosen rejected chosen_messages rejected_messages kto_tag".split(
    " ",
  );

function readPair(row: JsonObject): Reading {
  const desk = createDesk();
  const told = readRanked(row, desk);
  if ("refused" in told) return told;
  const tools = readTools(row["tools"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const system = systemColumn(row, told.prompt);
  const pair: Draft<Preference> = { kind: "preference", ...told, prompt: withSystem(row, system, told.prompt) };
  if (tools !== undefined) pair.tools = tools;
  return given(
    { ...pair, ...describe(row, [...content, ...systemTaken(row, system, told.prompt)], unreadOf(desk, "llama-factory")) },
    desk.remarks,
  );
}

function readRanked(row: JsonObject, desk: Desk): Sides | Refused {
  const [better, worse] =
    firstOf(row, ["chosen_messages", "rejected_messages"]) === undefined
      ? ["chosen", "rejected"]
      : ["chosen_messages", "rejected_messages"];
  for (const side of [better, worse]) if (firstOf(row, [side]) === undefined) return refuse("incomplete", `there is no ${quoted([side])}`);
  const prompt = better === "chosen" ? readPrompt(row, desk) : undefined;
  if (prompt !== undefined && "refused" in prompt) return prompt;
  const chosen = readSide(row[better], "chosen", "assistant", forkDesk(desk));
  if ("refused" in chosen) return chosen;
  const rejected = readSide(row[worse], "rejected", "assistant", forkDesk(desk));
  if ("refused" in rejected) return rejected;
  if (chosen.at(-1)?.role !== "assistant" || rejected.at(-1)?.role !== "assistant")
    return refuse("incomplete", "a side does not end with an answer of the assistant");
  // Both sides of v1 are whole conversations; they share all but the last message.
  if (prompt === undefined) return splitMessages(chosen, rejected);
  return asksNothing(prompt) ? refuse("incomplete", "the prompt asks nothing") : { prompt, chosen, rejected };
}

/** What was asked before two answers: turns, or Alpaca's task. */
function readPrompt(row: JsonObject, desk: Desk): readonly Message[] | Refused {
  const column = conversationColumn(row);
  return column === undefined ? askedBy(row) : readTurns(row[column], "/prompt", desk);
}

function readVerdict(row: JsonObject): Reading {
  const label = verdictOf(row["kto_tag"]);
  if (label === undefined) return refuse("shape", "`kto_tag` is neither true nor false");
  const desk = createDesk();
  const told = lastAnswered(readJudged(row, desk));
  if ("refused" in told) return told;
  const tools = readTools(row["tools"], desk);
  if (tools !== undefined && "refused" in tools) return tools;
  const system = systemColumn(row, told.prompt);
  const rating: Draft<Rating> = { kind: "rating", ...told, prompt: withSystem(row, system, told.prompt), label };
  if (tools !== undefined) rating.tools = tools;
  return given(
    { ...rating, ...describe(row, [...content, ...systemTaken(row, system, told.prompt)], unreadOf(desk, "llama-factory")) },
    desk.remarks,
  );
}

function readJudged(row: JsonObject, desk: Desk): readonly Message[] | Refused {
  const column = conversationColumn(row);
  if (column !== undefined) return readTurns(row[column], "/prompt", desk);
  if (isList(row["messages"])) return readMessages(row["messages"], "/prompt", desk);
  const asked = askedBy(row);
  if ("refused" in asked) return asked;
  const answer = readSide(row["output"], "output", "assistant", desk);
  return "refused" in answer ? answer : [...asked, ...answer];
}

function writePair({ prompt, chosen, rejected, reason, margin, tools }: Preference, { needs }: WriteOptions): Writing {
  const told = renderTurns(prompt, "asked");
  if (typeof told === "string") return { refused: told };
  const answers = [...chosen, ...rejected];
  if (hasArgumentsText(answers)) return { refused: "tool-arguments" };
  const [better, worse] = [renderAnswer(chosen), renderAnswer(rejected)];
  if (better === undefined || worse === undefined) return { refused: "turns" };
  const losses = [
    ...told.losses,
    ...messageLosses(answers, ["weight"]),
    ...messageLosses([...prompt, ...answers], ["reasoning", "parts"]),
    ...(reason === undefined ? [] : ["reason"]),
    ...(margin === undefined ? [] : ["margin"]),
  ];
  return { rows: [{ conversations: told.turns, chosen: better, rejected: worse, ...turnExtras(told.system, tools, needs) }], losses };
}

function writeVerdict({ prompt, completion, label, tools }: Rating, { needs }: WriteOptions): Writing {
  const messages = [...prompt, ...completion];
  const told = renderTurns(messages, "assistant");
  if (typeof told === "string") return { refused: told };
  const losses = [...told.losses, ...messageLosses(completion, ["weight"]), ...messageLosses(messages, ["reasoning", "parts"])];
  return { rows: [{ conversations: told.turns, kto_tag: label, ...turnExtras(told.system, tools, needs) }], losses };
}
