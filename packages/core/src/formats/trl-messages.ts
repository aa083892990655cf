import { chatColumns, chatNeeds, readChat, writeTemplateChat } from "./chat-rows.ts";
import { noObject, rowOf } from "./columns.ts";
import type { Format } from "./format.ts";
import { templateRendering } from "./render.ts";

/**
 * TRL's rows of `messages` for SFT, all tokens of which are trained. Read when named: `openai-chat` recognises the same rows.
 *
 * A turn that is shown but not trained is a counted loss here; `trl-prompt-completion` can say it.
 *
 * @see {@link https://huggingface.co/docs/trl/dataset_formats#conversational | TRL, conversational}
 */
export const trlMessages: Format = {
  name: "trl-messages",
  title: "TRL's rows of messages for SFT",
  kinds: ["chat", "classification", "extraction"],
  lossless: false,
  readers: ["trl", "unsloth"],
  file: "jsonl",
  weight: "materialises",

  read(foreign, context) {
    const row = rowOf(foreign, context, chatColumns);
    return row === undefined ? noObject : readChat(row, "trl-messages");
  },

  write: (example, options) => writeTemplateChat(example, options, templateRendering),
  needs: chatNeeds,
};
