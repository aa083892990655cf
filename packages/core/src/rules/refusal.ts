import { replyOf } from "../schema/sides.ts";
import { nothing, type Rule } from "./rule.ts";

/** Tells of replies that open with a refusal: worth counting, since a model learns refusing from few of them. */
export const refusal: Rule = {
  name: "refusal",
  severity: "info",
  check(example) {
    if (example.kind !== "chat" && example.kind !== "preference" && example.kind !== "rating") return nothing;
    const reply = replyOf(example);
    return reply !== undefined && REFUSAL.test(reply.text.slice(0, OPENING))
      ? [{ message: "the reply opens with a refusal", at: reply.at }]
      : nothing;
  },
};

const OPENING = 200;

/** The apostrophe comes straight and curled. */
const REFUSAL = new RegExp(
  [
    "^\\W*(?:",
    "(?:i['’]?m|i am|we['’]?re|we are) (?:very |so |really |truly )?(?:sorry|afraid)[,.;:! -]*(?:but |that )?(?:as an? |i (?:can['’]?t|cannot|can not|am not|['’]?m not|won['’]?t|do not|don['’]?t)|i['’]m (?:not|unable)|this|that)",
    "|(?:sorry|apologies|i apologi[sz]e)[,.;:! -]*(?:but )?(?:i (?:can['’]?t|cannot|can not|won['’]?t|am (?:not able|unable))|i['’]m (?:not able|unable))",
    "|(?:unfortunately[, ]*)?i (?:can['’]?t|cannot|can not|won['’]?t|will not|am (?:not able|unable) to|must decline to) (?:help|assist|provide|do that|answer|fulfil|comply|create|generate|write|give|share|support|engage|discuss|continue|complete)",
    "|i['’]m (?:not able|unable) to (?:help|assist|provide|do|answer|fulfil|comply|create|generate|write|give|share)",
    "|as an? (?:ai|artificial intelligence)(?: language model| model| assistant)?,? i (?:can['’]?t|cannot|can not|don['’]?t|do not|am not|['’]?m not|am unable)",
    "|as an? (?:large )?language model",
    "|(?:it is|it['’]s|that['’]s|this is) (?:not (?:appropriate|ethical|possible) for me|against my)",
    ")",
  ].join(""),
  "i",
);
