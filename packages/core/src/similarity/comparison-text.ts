import type { Content, Message, ToolCall } from "../schema/content.ts";
import { beforeAnswer } from "../schema/identity.ts";
import type { ContentColumns } from "../schema/row-content.ts";
import { contentFromColumns } from "../schema/row-content.ts";
import { canonicalJson } from "../text/canonical.ts";

/** The columns of a row that an example is compared by, in the order of the table. */
export const comparisonColumns = [
  "kind",
  "input_text",
  "output_text",
  "context",
  "rejected_output",
  "body",
  "label",
  "intent",
  "sentiment",
  "persona",
  "categories",
] as const satisfies readonly (keyof ContentColumns)[];

export type ComparisonRow = Pick<ContentColumns, (typeof comparisonColumns)[number]>;

/**
 * The text an example is compared by: all that its input and output say, in order, joined by line ends.
 *
 * System prompts are left out, since they are the same whatever is asked; so is the context an answer was given in. Calls of tools, their
 * results and thinking are in it: who calls for Rome does not repeat who calls for Paris.
 */
export function comparisonText(content: Content): string {
  switch (content.kind) {
    case "chat":
      return joined(said(content.messages));
    case "preference":
      return joined([...said(content.prompt), ...said(content.chosen), ...said(content.rejected)]);
    case "rating":
      return joined([...said(content.prompt), ...said(content.completion)]);
    case "text":
    case "classification":
      return content.text;
    case "extraction":
      return joined([content.document.title ?? "", content.document.content, textsOf(content.items)]);
    case "steps":
      return joined([content.prompt, textsOf(content.steps)]);
  }
}

/** {@link comparisonText} of a row; only of messages that its columns cannot hold is JSON parsed. */
export function comparisonTextOfRow(row: ComparisonRow): string {
  const { kind, input_text: input, output_text: output, context, rejected_output: rejected, body } = row;
  switch (kind) {
    case "chat":
    case "rating":
      return body === null ? joined([input, output ?? ""]) : comparisonText(contentOf(row));
    case "preference":
      return body === null ? joined([input, output ?? "", rejected ?? ""]) : comparisonText(contentOf(row));
    case "text":
    case "classification":
      return input;
    case "extraction":
      return joined([input, context ?? "", output ?? ""]);
    case "steps":
      return joined([input, output ?? ""]);
  }
}

/**
 * The side of the prompt alone, lower-cased and trimmed: what `--strategy input` compares. `""` where nothing is asked.
 *
 * Document 4 compares `prompt.lower().strip()`; where a prompt has several messages, all of them count, since "yes, please" asks nothing.
 */
export function promptText(content: Content): string {
  return folded(promptOf(content));
}

/** {@link promptText} of a row. */
export function promptTextOfRow(row: ComparisonRow): string {
  switch (row.kind) {
    case "chat":
    case "preference":
    case "rating":
      return row.body === null ? folded(row.input_text) : promptText(contentOf(row));
    case "text":
    case "classification":
    case "steps":
      return folded(row.input_text);
    case "extraction":
      return folded(row.context ?? "");
  }
}

/**
 * Only examples of one group can repeat each other: those of one kind, and with one verdict where the answer is no text.
 *
 * Of one text a rating may say good and another bad, two classifications name different intents: those contradict each other, and dropping
 * either would decide it. A chat and the rating of its answer say the same words to different ends.
 */
export function comparisonGroup({ kind, label, intent, sentiment, persona, categories }: ComparisonRow): string {
  switch (kind) {
    case "rating":
      return label === 1 ? "rating: good" : "rating: bad";
    case "classification":
      return `classification: ${canonicalJson([intent, sentiment, persona, categories])}`;
    case "chat":
    case "preference":
    case "text":
    case "extraction":
    case "steps":
      return kind;
  }
}

function promptOf(content: Content): string {
  switch (content.kind) {
    case "chat":
      return joined(said(beforeAnswer(content.messages)));
    case "preference":
    case "rating":
      return joined(said(content.prompt));
    case "text":
    case "classification":
      return content.text;
    case "extraction":
      return content.document.content;
    case "steps":
      return content.prompt;
  }
}

function folded(prompt: string): string {
  return prompt.toLowerCase().trim();
}

function said(messages: readonly Message[]): string[] {
  return messages.flatMap((message) => (message.role === "system" ? [] : partsOf(message)));
}

function partsOf({ reasoning = "", content, toolCalls = [] }: Message): string[] {
  return [reasoning, content, ...toolCalls.map(callText)];
}

function callText({ name, arguments: values, argumentsText }: ToolCall): string {
  return `${name} ${argumentsText ?? canonicalJson(values)}`;
}

/** As the column of a row holds them. */
function textsOf(parts: readonly { readonly text: string }[]): string {
  return parts.map((part) => part.text).join("\n");
}

/** Empty parts leave no trace: a row does not tell an answer that is missing from one that is empty. */
function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

/** The columns that are left out hold nothing that is compared. */
function contentOf(row: ComparisonRow): Content {
  return contentFromColumns({ ...row, system_prompt: null, preference_reason: null, entities: null });
}
