import type { Questions } from "./questions.ts";
import { askFor } from "./questions.ts";

type Members = Readonly<Record<string, unknown>>;
type Read<T> = { readonly value: T } | { readonly problem: string };

/**
 * Asks a person for a post: text, type, topic, engagement, features. An empty answer leaves a member out; what is known is not asked.
 *
 * @param types - The packs' types to choose from; with none, any word will do.
 * @returns Undefined where there is no text.
 */
export async function askExample(questions: Questions, types: readonly string[], known: Members): Promise<Members | undefined> {
  const text = await questions.ask("Text: ");
  if (text === "") return undefined;
  const choices = types.length === 0 ? "" : ` (${types.join(", ")})`;
  const asked = {
    type: known["type"] ?? (await askFor(questions, `Type${choices}: `, (answer) => readType(answer, types))),
    topic: known["topic"] ?? optional(await questions.ask("Topic: ")),
    engagement: known["engagement"] ?? (await askFor(questions, "Engagement (likes=150 retweets=30): ", readEngagement)),
    features: known["features"] ?? (await askFor(questions, "Features (tone=casual has_thread=true): ", readOptional)),
  };
  return { kind: "text", text, ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) };
}

function readType(answer: string, types: readonly string[]): Read<string | undefined> {
  if (answer === "" || types.length === 0 || types.includes(answer)) return { value: optional(answer) };
  return { problem: `Choose one of ${types.join(", ")}, or leave it empty.` };
}

function readEngagement(answer: string): Read<Members | undefined> {
  if (answer === "") return { value: undefined };
  const read = readMembers(answer);
  if ("problem" in read) return read;
  const odd = Object.entries(read.value).find(([, value]) => !Number.isSafeInteger(value) || Number(value) < 0);
  return odd === undefined ? { value: withReposts(read.value) } : { problem: `${odd[0]} must be a whole number from 0 on.` };
}

function readOptional(answer: string): Read<Members | undefined> {
  return answer === "" ? { value: undefined } : readMembers(answer);
}

/** A JSON object, or words such as `likes=150 tone=casual`. */
export function readMembers(text: string): Read<Members> {
  if (!text.trimStart().startsWith("{")) {
    const pairs = text
      .split(/[\s,]+/)
      .filter((word) => word !== "")
      .map((word) => /^([^=]+)=(.+)$/.exec(word));
    const members = pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? "", scalar(pair[2] ?? "")] as const]));
    return members.length === pairs.length && pairs.length > 0
      ? { value: Object.fromEntries(members) }
      : { problem: "It must be a JSON object, or words such as likes=150." };
  }
  try {
    const value: Members = JSON.parse(text);
    return { value };
  } catch {
    return { problem: "It begins like a JSON object but is none." };
  }
}

/** Platforms have their own word for a repost. */
export function withReposts(engagement: Members): Members {
  const { retweets, ...others } = engagement;
  return retweets === undefined ? engagement : { reposts: retweets, ...others };
}

function scalar(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

function optional(text: string): string | undefined {
  return text === "" ? undefined : text;
}
