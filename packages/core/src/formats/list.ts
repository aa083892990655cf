import { alpaca } from "./alpaca.ts";
import { csv } from "./csv.ts";
import type { Format } from "./format.ts";
import { json } from "./json.ts";
import { openaiChat } from "./openai-chat.ts";
import { promptResponse } from "./prompt-response.ts";
import { tilth } from "./tilth.ts";
import { trlPreference } from "./trl-preference.ts";

/** Every format there is: what is not in this list does not exist. */
export const formats: readonly Format[] = [tilth, json, csv, openaiChat, trlPreference, alpaca, promptResponse];
