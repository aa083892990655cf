import type { OperationOutput } from "@tilth/core";
import type { Command, CommandCall, OptionValues } from "../command.ts";
import { flagOption, given, listOption, numberOption, textOption, wrongCall } from "../options.ts";
import { printTable } from "../terminal/blocks.ts";
import { printMany, printOne, printReport, thresholdText } from "../terminal/freshness-report.ts";
import { oneLine, plural } from "../terminal/text.ts";

export const check: Command = {
  name: "check",
  summary: "see how fresh the examples are, or whether a text repeats them",
  arguments: "[dataset]",
  options: [
    { flags: "--text <text>", description: "check this text beside the examples" },
    { flags: "--file <file>", description: "check the texts of a file, one a line; - is standard input" },
    { flags: "--type <type>", description: "only examples of this type" },
    { flags: "--threshold <share>", description: "for --text and --file: 0 to 1, or q0.25; default: the type's" },
    { flags: "-l, --limit <rows>", description: "how many of those below their threshold are shown; default 20" },
    { flags: "--decide", description: "ask only whether each is fresh: faster, keeps no scores; default above 100,000" },
    { flags: "--thresholds", description: "show the thresholds and who changed them" },
    { flags: "--set <type=share>", description: "change a threshold: gm=0.6, gm=q0.25, gm=default; 0.7 for all others", repeat: true },
  ],
  examples: [
    ["tilth check", "every example beside the others of its type; exit 1 below the goal"],
    ["tilth check posts --type gm", "members of a dataset, of one type"],
    ['tilth check --text "gm to data contributors" --type gm', "exit 1 where it is not fresh"],
    ["tilth check --file drafts.txt --json", "many texts, for a program"],
    ["tilth check --set gm=0.6 --set insight=q0.25", "a number, or a quantile of the pool itself"],
  ],
  async run(call) {
    const { options } = call;
    const asked = ["text", "file", "set", "thresholds"].filter((name) => options[name] !== undefined && options[name] !== false);
    if (asked.length > 1) throw await wrongCall(`--${asked[1]}`, `it does not go with --${asked[0]}`);
    if (flagOption(options, "thresholds")) return showThresholds(call);
    if (options["set"] !== undefined) return setThresholds(call);
    return asked.length > 0 ? checkTexts(call) : checkPool(call);
  },
};

async function checkPool({ args, options, terminal, invoke }: CommandCall): Promise<number> {
  if (options["threshold"] !== undefined)
    throw await wrongCall("--threshold", "it goes with --text and --file; --set changes what a type asks for");
  const report = await invoke("freshness.check", {
    ...given({ dataset: args[0], type: textOption(options, "type"), limit: numberOption(options, "limit") }),
    ...(flagOption(options, "decide") ? { decide: true } : {}),
  });
  terminal.endProgress();
  if (terminal.json) terminal.printJson(report);
  else printReport(terminal, report);
  return report.isGoalMet ? 0 : 1;
}

async function checkTexts({ args, options, terminal, invoke }: CommandCall): Promise<number> {
  const file = textOption(options, "file");
  const input = given({
    dataset: args[0],
    text: textOption(options, "text"),
    file: file === "-" ? undefined : file,
    type: textOption(options, "type"),
    threshold: await thresholdOption(options),
  });
  const { one, many } = await invoke("text.check", input, file === "-" ? { body: (await import("@tilth/core")).standardInput() } : {});
  terminal.endProgress();
  if (terminal.json) terminal.printJson(one ?? many);
  else if (one !== undefined) printOne(terminal, one);
  else if (many !== undefined) printMany(terminal, many);
  return one?.isFresh === false || (many?.below ?? 0) > 0 ? 1 : 0;
}

async function setThresholds({ options, terminal, invoke }: CommandCall): Promise<number> {
  // All are read before the first is set: a typo in the last one changes nothing.
  const wanted = await Promise.all(listOption(options, "set").map(parsedSetting));
  const kept: OperationOutput<"threshold.set">[] = [];
  for (const setting of wanted) kept.push(await invoke("threshold.set", setting));
  if (terminal.json) terminal.printJson(kept);
  for (const { type, threshold, from } of kept) {
    const whose = type === undefined ? "All other types ask" : `${oneLine(type, 40)} asks`;
    terminal.print(
      `${terminal.style(["green", "bold"], "✓")} ${whose} for ${thresholdText(threshold)}${from === "set" ? "" : ` (${from})`}`,
    );
  }
  return 0;
}

async function showThresholds({ terminal, invoke }: CommandCall): Promise<number> {
  const { thresholds, history } = await invoke("threshold.list", {});
  if (terminal.json) {
    terminal.printJson({ thresholds, history });
    return 0;
  }
  printTable(
    terminal,
    [{ title: "Type", flexible: true }, { title: "Threshold", right: true }, { title: "From" }],
    thresholds.map(({ type, threshold, from }) => [type ?? "all others", thresholdText(threshold), from]),
  );
  if (history.length === 0) return 0;
  terminal.print();
  terminal.print(terminal.style("bold", plural(history.length, "change")));
  for (const { at, actor, type, why, before, after, dataset } of history) {
    const where = dataset === undefined ? "" : ` in ${dataset}`;
    const what = `${oneLine(type ?? "all others", 40)}${where}: ${thresholdText(before)} → ${thresholdText(after)}`;
    terminal.print(`  ${terminal.style("dim", at.slice(0, 19))}  ${what} ${terminal.style("dim", `${why} by ${oneLine(actor, 40)}`)}`);
  }
  return 0;
}

type Threshold = number | { readonly quantile: number };

async function thresholdOption(options: OptionValues): Promise<Threshold | undefined> {
  const text = textOption(options, "threshold");
  return text === undefined ? undefined : parsedThreshold(text, "--threshold");
}

/** `gm=0.6`, `gm=q0.25`, `gm=default`, and without a name for all others. */
async function parsedSetting(text: string): Promise<{ type?: string; threshold?: Threshold }> {
  const cut = text.lastIndexOf("=");
  const [type, value] = cut < 0 ? ["", text] : [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
  const threshold = value === "default" ? undefined : await parsedThreshold(value, "--set");
  return { ...(type === "" ? {} : { type }), ...(threshold === undefined ? {} : { threshold }) };
}

async function parsedThreshold(text: string, where: string): Promise<Threshold> {
  const isQuantile = text.startsWith("q");
  const digits = isQuantile ? text.slice(1) : text;
  const value = digits.trim() === "" ? Number.NaN : Number(digits);
  if (!(value >= 0 && value <= 1)) throw await wrongCall(where, `${text}; expected 0 to 1, or q0.25 for a share of the pool's own samples`);
  return isQuantile ? { quantile: value } : value;
}
