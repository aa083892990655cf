/**
 * Names of the formats, so that help and completion need not load the library; a test holds them equal to its list.
 */
export const writtenFormats = [
  "tilth",
  "json",
  "csv",
  "parquet",
  "openai-chat",
  "trl-messages",
  "trl-prompt-completion",
  "trl-preference",
  "trl-unpaired",
  "trl-text",
  "sharegpt",
  "llama-factory",
  "mlx",
  "alpaca",
  "instruction",
  "completion",
  "dpo",
  "multi-turn",
  "prompt-response",
] as const;

/** Everything that can be written can be read. */
export const readFormats = [
  ...writtenFormats,
  "gold-choice",
  "mt-bench",
  "document-post",
  "document-intent",
  "document-training",
  "document-interaction",
  "document-correction",
  "document-extraction",
  "document-feedback",
  "document-query",
  "text-segments",
  "intent-map",
] as const;
