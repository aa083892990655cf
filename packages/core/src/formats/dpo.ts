import type { Message, Preference } from "../schema/content.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Format, Writing } from "./format.ts";
import type { Draft } from "./reading.ts";
import { messageLosses, usesTools } from "./render.ts";
import { readPreference } from "./trl-preference.ts";

/** Document 3's DPO rows: one question, a better and a worse answer, all of them strings, with the reason. Read as `trl-preference`. */
export const dpo: Format = {
  name: "dpo",
  title: "document 3's pairs of answers with a reason",
  kinds: ["preference"],
  lossless: false,
  readers: ["trl"],
  file: "jsonl",
  weight: "materialises",

  read: (foreign, context) => readPreference(foreign, context, "dpo"),

  write: (example, { needs }) => (example.kind === "preference" ? writePair(example, needs) : { refused: "kind" }),

  needs: (example) => (example.kind === "preference" && example.reason !== undefined ? ["reason"] : []),
};

function writePair(pair: Preference, needs: ReadonlySet<string>): Writing {
  const all = [...pair.prompt, ...pair.chosen, ...pair.rejected];
  if (pair.tools !== undefined || usesTools(all)) return { refused: "tools" };
  const [asked, ...others] = pair.prompt.filter(({ role }) => role !== "system");
  const [chosen, rejected] = [onlyAnswer(pair.chosen), onlyAnswer(pair.rejected)];
  if (asked?.role !== "user" || others.length > 0 || chosen === undefined || rejected === undefined) return { refused: "turns" };
  const row: Draft<JsonObject> = { prompt: asked.content, chosen, rejected };
  if (needs.has("reason")) row["reason"] = pair.reason ?? "";
  const losses = [
    ...(pair.prompt.length > 1 ? ["system"] : []),
    ...(pair.margin === undefined ? [] : ["margin"]),
    ...messageLosses([...pair.chosen, ...pair.rejected], ["weight"]),
    ...messageLosses(all, ["reasoning", "parts"]),
  ];
  return { rows: [row], losses };
}

function onlyAnswer(answer: readonly Message[]): string | undefined {
  return answer.length === 1 && answer[0]?.role === "assistant" ? answer[0].content : undefined;
}
