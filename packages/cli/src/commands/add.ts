import type { OperationOutput } from "@tilth/core";
import type { Command, CommandCall, OptionValues } from "../command.ts";
import { given, listOption, textOption, wrongCall } from "../options.ts";
import { askExample, readMembers, withReposts } from "../terminal/ask-example.ts";
import { printFacts, printNext } from "../terminal/blocks.ts";
import { countsText, printFindings, qualityText } from "../terminal/example-facts.ts";
import { hasLeft, isInteractive, openQuestions } from "../terminal/questions.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/text.ts";

export const add: Command = {
  name: "add",
  summary: "add one example by hand; asks when nothing is given",
  options: [
    { flags: "--text <text>", description: "what it says: a post, or text to complete" },
    { flags: "--input <text>", description: "a question, with --output" },
    { flags: "--output <text>", description: "its answer" },
    { flags: "--system <text>", description: "the system prompt before the question" },
    { flags: "--rejected <text>", description: "a worse answer: makes a preference" },
    { flags: "--reason <text>", description: "why the worse answer is worse" },
    { flags: "--type <word>", description: "one of the packs' types, such as gm or insight" },
    { flags: "--topic <word>", description: "what it is about" },
    { flags: "--engagement <json>", description: 'such as \'{"likes":150,"retweets":30}\'' },
    { flags: "--features <json>", description: "what is to be seen in it" },
    { flags: "-d, --dataset <name>", description: "make it a member of this dataset (made when it is new)" },
    { flags: "--source <word>", description: "where it comes from; default: manual" },
    { flags: "--tag <word>", description: "a tag; may repeat", repeat: true },
  ],
  examples: [
    ["tilth add", "asks for text, type, topic, engagement and features"],
    ["tilth add --text 'gm to builders on base' --type gm --engagement '{\"likes\":150}'", "a post"],
    ["tilth add --input 'How deep do I sow beans?' --output 'Four to five centimetres.' -d garden", "a question with its answer"],
    ["tilth add --input 'Capital of France?' --output Paris. --rejected Lyon.", "a preference"],
  ],
  async run(call) {
    const content = await contentOf(call);
    if (content === undefined) {
      call.terminal.note("Nothing to add.");
      return 0;
    }
    const { options, terminal, invoke } = call;
    const tags = listOption(options, "tag");
    const example = { ...content, ...given({ source: textOption(options, "source") }), ...(tags.length === 0 ? {} : { tags }) };
    const added = await invoke("example.add", { example, ...given({ dataset: textOption(options, "dataset") }) });
    if (terminal.json) terminal.printJson(added);
    else printAdded(terminal, added);
    return 0;
  },
};

type Members = Readonly<Record<string, unknown>>;

const contentOptions = ["text", "input", "output", "system", "rejected", "reason"];

/** What the flags say, or a person when they say nothing; undefined where the person says nothing either. */
async function contentOf({ options, invoke }: CommandCall): Promise<Members | undefined> {
  if (contentOptions.some((name) => options[name] !== undefined)) return { ...(await saidBy(options)), ...(await describedBy(options)) };
  if (!isInteractive())
    throw await wrongCall("example", "it needs --text, or --input and --output; without them `tilth add` asks, on a terminal");
  const described = await describedBy(options);
  const { types } = await invoke("workspace.show", {});
  const questions = openQuestions();
  try {
    return await askExample(questions, types, described);
  } catch (error) {
    if (hasLeft(error)) return undefined;
    throw error;
  } finally {
    questions.close();
  }
}

async function saidBy(options: OptionValues): Promise<Members> {
  const [text, input, output, system, rejected, reason] = contentOptions.map((name) => textOption(options, name));
  if (text !== undefined) {
    const other = contentOptions.slice(1).find((name) => options[name] !== undefined);
    if (other !== undefined) throw await wrongCall(`--${other}`, "it does not go with --text");
    return { kind: "text", text };
  }
  if (input === undefined) throw await wrongCall("--input", "the question is missing");
  if (output === undefined) throw await wrongCall("--output", "the answer is missing");
  const prompt = [...(system === undefined ? [] : [{ role: "system", content: system }]), { role: "user", content: input }];
  const answer = (content: string): Members => ({ role: "assistant", content });
  if (rejected !== undefined) {
    return {
      kind: "preference",
      prompt,
      chosen: [answer(output)],
      rejected: [answer(rejected)],
      ...(reason === undefined ? {} : { reason }),
    };
  }
  if (reason !== undefined) throw await wrongCall("--reason", "it goes with --rejected");
  return { kind: "chat", messages: [...prompt, answer(output)] };
}

async function describedBy(options: OptionValues): Promise<Members> {
  const members: Record<string, unknown> = given({ type: textOption(options, "type"), topic: textOption(options, "topic") });
  for (const name of ["engagement", "features"]) {
    const text = textOption(options, name);
    if (text === undefined) continue;
    const read = readMembers(text);
    if ("problem" in read) throw await wrongCall(`--${name}`, read.problem);
    members[name] = name === "engagement" ? withReposts(read.value) : read.value;
  }
  return members;
}

function printAdded(terminal: Terminal, added: OperationOutput<"example.add">): void {
  const { status, trashed, example, findings, datasets, redacted, notes } = added;
  const id = terminal.style("bold", example.id);
  if (status === "accepted") terminal.print(`${terminal.style(["green", "bold"], "✓")} Added ${id}`);
  else if (status === "updated") terminal.print(`${terminal.style(["green", "bold"], "✓")} Updated ${id}: its source knew it already`);
  else terminal.print(`${terminal.style(["yellow", "bold"], "=")} Is there already as ${id}${trashed ? ", in the trash" : ""}`);
  printFacts(terminal, [
    ["kind", example.kind],
    ...(example.type === undefined ? [] : [["type", example.type] as const]),
    ["score", qualityText(example.quality)],
    ...(example.tags.length === 0 ? [] : [["tags", example.tags.join(", ")] as const]),
    ...(datasets.length === 0 ? [] : [["datasets", datasets.join(", ")] as const]),
    ...(Object.keys(redacted).length === 0 ? [] : [["taken out", `${countsText(redacted)} (personal data)`] as const]),
  ]);
  printFindings(terminal, findings);
  for (const note of notes) terminal.print(terminal.style("yellow", visible(note)));
  printNext(terminal, [
    trashed ? [`tilth restore ${example.id}`, "bring it back"] : [`tilth show ${example.id}`, "look at it"],
    ...(status === "accepted" ? [[`tilth trash ${example.id}`, "undo"] as const] : []),
  ]);
}
