import type { Message, OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { printFacts } from "../terminal/blocks.ts";
import { printFindings, qualityText } from "../terminal/example-facts.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/text.ts";

export const show: Command = {
  name: "show",
  summary: "show one example with its score and findings",
  arguments: "<id>",
  options: [],
  examples: [
    ["tilth show 01K9Q2", "the start of an id is enough"],
    ["tilth show 01K9Q2 --json", "the whole example"],
  ],
  async run({ args, terminal, invoke }) {
    const shown = await invoke("example.show", { id: args[0] ?? "" });
    if (terminal.json) terminal.printJson(shown);
    else printExample(terminal, shown);
    return 0;
  },
};

function printExample(terminal: Terminal, { example, findings, datasets }: OperationOutput<"example.show">): void {
  terminal.print(`${terminal.style("bold", example.id)}  ${example.kind}`);
  printFacts(terminal, [
    ["source", `${example.source} (${example.sourceKind})`],
    ["domain", example.domain],
    ...(example.type === undefined ? [] : [["type", example.type] as const]),
    ["tags", example.tags.join(", ") || "–"],
    ["quality", qualityText(example.quality)],
    ...(example.relevance === undefined ? [] : [["relevance", example.relevance] as const]),
    ["review", `${example.reviewStatus}, ${example.lifecycle}, revision ${example.rev}`],
    ["group", example.groupKey],
    ["created", `${example.createdAt} by ${example.createdBy}`],
    ["datasets", datasets.join(", ") || "–"],
  ]);
  terminal.print();
  printContent(terminal, example);
  if (findings.length === 0) return;
  terminal.print();
  printFindings(terminal, findings);
}

function printContent(terminal: Terminal, example: OperationOutput<"example.show">["example"]): void {
  switch (example.kind) {
    case "chat":
      printMessages(terminal, example.messages);
      break;
    case "preference":
      printMessages(terminal, example.prompt);
      printMessages(terminal, example.chosen, "chosen");
      printMessages(terminal, example.rejected, "rejected");
      if (example.reason !== undefined) terminal.print(`${terminal.style("dim", "because")} ${visible(example.reason)}`);
      break;
    case "rating":
      printMessages(terminal, example.prompt);
      printMessages(terminal, example.completion, example.label ? "rated good" : "rated bad");
      break;
    case "text":
      terminal.print(visible(example.text));
      break;
    case "classification":
      terminal.print(visible(example.text));
      for (const [label, value] of Object.entries(example.labels))
        terminal.print(`${terminal.style("dim", label)} ${visible(String(value))}`);
      for (const span of example.entities)
        terminal.print(`${terminal.style("dim", `${span.start}–${span.end}`)} ${visible(`${span.label}: ${span.surface}`)}`);
      break;
    case "extraction":
      terminal.print(visible(example.document.title ?? example.document.url ?? ""));
      for (const item of example.items) terminal.print(`- ${visible(item.text)} ${terminal.style("dim", visible(item.category))}`);
      break;
    case "steps":
      terminal.print(visible(example.prompt));
      for (const step of example.steps) terminal.print(`${step.correct ? "✓" : "✗"} ${visible(step.text)}`);
      break;
  }
}

function printMessages(terminal: Terminal, messages: readonly Message[], title?: string): void {
  for (const message of messages) {
    terminal.print(terminal.style("cyan", title ?? message.role));
    if (message.content !== "") terminal.print(visible(message.content));
    for (const call of message.toolCalls ?? []) terminal.print(visible(`${call.name}(${JSON.stringify(call.arguments)})`));
  }
}
