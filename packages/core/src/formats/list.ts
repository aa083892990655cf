import { alpaca } from "./alpaca.ts";
import { csv } from "./csv.ts";
import { documentCorrection } from "./document-correction.ts";
import { documentExtraction } from "./document-extraction.ts";
import { documentFeedback } from "./document-feedback.ts";
import { documentIntent } from "./document-intent.ts";
import { documentInteraction } from "./document-interaction.ts";
import { documentPost } from "./document-post.ts";
import { documentQuery } from "./document-query.ts";
import { documentTraining } from "./document-training.ts";
import type { Format } from "./format.ts";
import { intentMap } from "./intent-map.ts";
import { json } from "./json.ts";
import { openaiChat } from "./openai-chat.ts";
import { promptResponse } from "./prompt-response.ts";
import { textSegments } from "./text-segments.ts";
import { tilth } from "./tilth.ts";
import { trlPreference } from "./trl-preference.ts";

/** Every format there is: what is not in this list does not exist. */
export const formats: readonly Format[] = [
  tilth,
  json,
  csv,
  openaiChat,
  trlPreference,
  alpaca,
  promptResponse,
  documentPost,
  documentIntent,
  documentTraining,
  documentInteraction,
  documentCorrection,
  documentExtraction,
  documentFeedback,
  documentQuery,
  textSegments,
  intentMap,
];
