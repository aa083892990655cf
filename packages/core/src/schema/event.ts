import { z } from "zod";
import { isUlid } from "../text/ulid.ts";
import type { NewExample } from "./example.ts";
import { newExampleSchema } from "./example.ts";
import type { Signal } from "./signal.ts";
import { signalSchema } from "./signal.ts";

/** What an application captures: one example, or what somebody did with one. The id inside is the idempotency key. */
export type CaptureEvent =
  | { readonly kind: "example"; readonly example: NewExample; /** Its name or its id. */ readonly dataset?: string }
  | { readonly kind: "signal"; readonly signal: Signal };

export const eventSchema: z.ZodType<CaptureEvent> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("example"), example: newExampleSchema, dataset: z.exactOptional(z.string().min(1).max(200)) }),
  z.strictObject({ kind: z.literal("signal"), signal: signalSchema }),
]);

/** An event, or what is wrong with it in words that hold nothing of what it says. */
export type ReadEvent = { readonly event: CaptureEvent } | { readonly problem: string };

/** Reads what somebody sent as an event. A plain chat is looked at by hand, at a quarter of what the schema takes. */
export function readEvent(value: unknown): ReadEvent {
  if (isPlainEvent(value)) return { event: value };
  try {
    const parsed = eventSchema.safeParse(value);
    return parsed.success ? { event: parsed.data } : { problem: problemOf(parsed.error.issues[0]) };
  } catch (error) {
    if (error instanceof RangeError) return { problem: "it nests too deep" };
    throw error;
  }
}

type Issue = z.core.$ZodIssue;

/** Names of members that the sender chose are no words of ours: they stand in a path up to there, and not in the sentence. */
function problemOf(issue: Issue | undefined): string {
  if (issue === undefined || (issue.path.length === 0 && issue.code === "invalid_type")) return "it is no JSON object";
  const foreign = issue.path.findIndex((part) => typeof part === "string" && foreignMembers.has(part));
  const path = (foreign === -1 ? issue.path : issue.path.slice(0, foreign + 1)).map(String);
  const what = issue.code === "unrecognized_keys" ? "it has members that are not known" : issue.message.replace(/\.$/, "");
  return path.length === 0 ? what : `${path.join(".")}: ${what}`;
}

const foreignMembers: ReadonlySet<string> = new Set(["metadata", "features", "payload", "arguments", "parameters", "reference", "parts"]);

/** True only for what the schema takes as it is: a chat of plain turns with a few words about it. False says nothing. */
function isPlainEvent(value: unknown): value is CaptureEvent {
  if (!isObject(value) || value["kind"] !== "example") return false;
  for (const name in value) if (name !== "kind" && name !== "example" && !(name === "dataset" && isName(value[name]))) return false;
  const { example } = value;
  if (!isObject(example) || example["kind"] !== "chat" || !areTurns(example["messages"])) return false;
  for (const name in example) if (name !== "kind" && name !== "messages" && plainMembers.get(name)?.(example[name]) !== true) return false;
  return true;
}

const isWord = (value: unknown): boolean => typeof value === "string" && value.length <= 1_000;
const isName = (value: unknown): boolean => typeof value === "string" && value !== "" && value.length <= 200;

/** Members that most captured chats have, each held to no less than the schema holds it to. */
const plainMembers: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["id", (value: unknown): boolean => typeof value === "string" && isUlid(value)],
  ["sourceKind", (value: unknown): boolean => value === "conversation"],
  ["context", (value: unknown): boolean => typeof value === "string"],
  ["createdAt", (value: unknown): boolean => typeof value === "string" && isTime(value)],
  ["tags", (value: unknown): boolean => Array.isArray(value) && value.length <= 1_000 && value.every(isWord)],
  ["metadata", (value: unknown): boolean => isFlat(value, 1)],
  ...["source", "sourceId", "parentId", "groupKey", "project", "domain", "topic", "type", "language", "subjectId"].map(
    (name) => [name, isWord] as const,
  ),
]);

const turnRoles: ReadonlySet<unknown> = new Set(["system", "user", "assistant"]);

function areTurns(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  for (const turn of value) {
    if (!isObject(turn) || !turnRoles.has(turn["role"]) || typeof turn["content"] !== "string") return false;
    for (const name in turn) if (name !== "role" && name !== "content") return false;
  }
  return true;
}

/** As `Date` writes it, and of a day that there is. */
function isTime(text: string): boolean {
  if (text.length !== 24) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

/** An object of JSON's single values, and so many levels of such objects inside. */
function isFlat(value: unknown, levels: number): boolean {
  if (!isObject(value)) return false;
  for (const name in value) {
    if (name === "__proto__") return false;
    const member = value[name];
    if (isSingle(member) || (levels > 0 && isFlat(member, levels - 1))) continue;
    return false;
  }
  return true;
}

function isSingle(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || value === null || (typeof value === "number" && Number.isFinite(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}
