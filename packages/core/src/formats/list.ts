import { alpaca } from "./alpaca.ts";
import { completion } from "./completion.ts";
import { csv } from "./csv.ts";
import { documentCorrection } from "./document-correction.ts";
import { documentExtraction } from "./document-extraction.ts";
import { documentFeedback } from "./document-feedback.ts";
import { documentIntent } from "./document-intent.ts";
import { documentInteraction } from "./document-interaction.ts";
import { documentPost } from "./document-post.ts";
import { documentQuery } from "./document-query.ts";
import { documentTraining } from "./document-training.ts";
import { dpo } from "./dpo.ts";
import type { Format } from "./format.ts";
import { goldChoice } from "./gold-choice.ts";
import { instruction } from "./instruction.ts";
import { intentMap } from "./intent-map.ts";
import { json } from "./json.ts";
import { llamaFactory } from "./llama-factory.ts";
import { mlx } from "./mlx.ts";
import { mtBench } from "./mt-bench.ts";
import { multiTurn } from "./multi-turn.ts";
import { openaiChat } from "./openai-chat.ts";
import { parquet } from "./parquet.ts";
import { promptResponse } from "./prompt-response.ts";
import { sharegpt } from "./sharegpt.ts";
import { textSegments } from "./text-segments.ts";
import { tilth } from "./tilth.ts";
import { trlMessages } from "./trl-messages.ts";
import { trlPreference } from "./trl-preference.ts";
import { trlPromptCompletion } from "./trl-prompt-completion.ts";
import { trlText } from "./trl-text.ts";
import { trlUnpaired } from "./trl-unpaired.ts";

/** Every format there is: what is not in this list does not exist. */
export const formats: readonly Format[] = [
  tilth,
  json,
  csv,
  parquet,
  openaiChat,
  trlMessages,
  trlPromptCompletion,
  trlPreference,
  trlUnpaired,
  trlText,
  sharegpt,
  llamaFactory,
  mlx,
  alpaca,
  instruction,
  completion,
  dpo,
  multiTurn,
  promptResponse,
  goldChoice,
  mtBench,
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
