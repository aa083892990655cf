import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import type { ImportReport, OperationOutput } from "@tilth/core";
import type { Command, CommandCall, Invoke } from "../command.ts";
import { sampleFolder } from "../sample.ts";
import { flagOption, given, textOption } from "../options.ts";
import { printBars, printNext, printTable } from "../terminal/blocks.ts";
import { printClusters } from "../terminal/clusters.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { bytes, duration, plural, thousands } from "../terminal/text.ts";
import { printAddress, serveFolder, serveOptions } from "./serve.ts";

/** The shipped files, each with the dataset it fills and the format its team trains from. */
const work = [
  { file: "assistant.jsonl", dataset: "assistant", format: "openai-chat" },
  { file: "corrections.jsonl", dataset: "corrections", format: "trl-preference" },
  { file: "roofing.json", dataset: "roofing", format: "openai-chat" },
  { file: "intents.csv", dataset: "intents", format: "csv" },
  { file: "posts.csv", dataset: "posts", format: "json" },
  { file: "insights.jsonl", dataset: "insights", format: "tilth" },
] as const;

const samplePack = join(sampleFolder, "mixed.yaml");
const packs = ["assistant", "intents", "social", "insights", "roofing", samplePack];

export const demo: Command = {
  name: "demo",
  summary: "walk the whole way once on the shipped sample",
  options: [
    { flags: "-o, --out <folder>", description: "where the workspace is made anew; default: .demo" },
    { flags: "--serve", description: "then serve it, until it is stopped" },
    ...serveOptions,
  ],
  onlyHere: "makes its workspace in a folder of this machine",
  examples: [
    ["tilth demo", "import, redact, check, score, dedupe, commit, verify, export, with a report"],
    ["tilth demo --serve", "the same, then look at it in a browser"],
  ],
  async run(call) {
    const startedMs = performance.now();
    const folder = resolve(textOption(call.options, "out") ?? ".demo");
    const walked = await walkIn(call, folder);
    const isSound = walked.verified.problems.length === 0;
    const isServed = flagOption(call.options, "serve") && isSound;
    if (!call.terminal.json) printWalk(call, folder, walked, performance.now() - startedMs);
    else if (!isServed) call.terminal.printJson(walked);
    if (isServed) await serveWalk(call, folder, walked);
    return isSound ? 0 : 1;
  },
};

async function walkIn(call: CommandCall, folder: string): Promise<Walk> {
  await clearDemo(folder);
  const demonstrated = call.inFolder(folder);
  try {
    return await walk(demonstrated.invoke, folder);
  } finally {
    call.terminal.endProgress();
    await demonstrated.close();
  }
}

async function serveWalk({ options, terminal }: CommandCall, folder: string, walked: Walk): Promise<void> {
  terminal.print();
  const tell = (address: string, signInLink: string | undefined): void => {
    if (terminal.json) terminal.printJson({ ...walked, address, ...given({ signInLink }) });
    else printAddress(terminal, address, signInLink);
  };
  await serveFolder({ folder, options, terminal, tell });
}

interface Walk {
  readonly imports: readonly ImportReport[];
  readonly duplicates: OperationOutput<"example.dedupe">;
  readonly stats: OperationOutput<"pool.stats">;
  readonly versions: readonly OperationOutput<"version.create">[];
  readonly exports: readonly OperationOutput<"dataset.export">[];
  readonly verified: OperationOutput<"version.verify">;
  readonly redactedExample?: string;
}

async function walk(invoke: Invoke, folder: string): Promise<Walk> {
  await invoke("workspace.init", { packs });
  const imports: ImportReport[] = [];
  for (const { file, dataset } of work) imports.push(await invoke("example.import", { file: join(sampleFolder, file), dataset }));
  const duplicates = await invoke("example.dedupe", { limit: 3 });
  const versions = [];
  const exports = [];
  for (const { dataset, format } of work) {
    versions.push(await invoke("version.create", { dataset, message: "the shipped sample" }));
    exports.push(await invoke("dataset.export", { version: dataset, format, out: join(folder, "exports", `${dataset}-${format}`) }));
  }
  const shown = await invoke("example.list", { where: 'text contains "[REDACTED_EMAIL]" and kind = chat', limit: 1 });
  const [example] = shown.examples;
  const told = example?.kind === "chat" ? example.messages.find((message) => message.content.includes("[REDACTED_")) : undefined;
  return {
    imports,
    duplicates,
    stats: await invoke("pool.stats", {}),
    versions,
    exports,
    verified: await invoke("version.verify", { level: "full" }),
    ...(told === undefined ? {} : { redactedExample: told.content }),
  };
}

/**
 * Only a workspace that this command made is taken away: its configuration names the sample's own pack, and nothing was added to it.
 *
 * @throws {@link TilthError} `workspace/in-use` while somebody has it open, such as the server of an earlier walk.
 */
async function clearDemo(folder: string): Promise<void> {
  const known = new Set([".tilth", "tilth.yaml", "exports"]);
  const found = await readdir(folder).catch(() => []);
  const config = await readFile(join(folder, "tilth.yaml"), "utf8").catch(() => "");
  if (found.every((name) => known.has(name)) && config.includes(basename(samplePack))) {
    const { isPoolInUse, TilthError, workspacePaths } = await import("@tilth/core");
    if (isPoolInUse(workspacePaths(folder).pool)) throw new TilthError("workspace/in-use", { path: folder });
    await rm(folder, { recursive: true });
  }
  await mkdir(folder, { recursive: true });
}

function printWalk({ terminal }: CommandCall, folder: string, walked: Walk, elapsedMs: number): void {
  const place = relative(process.cwd(), folder) || ".";
  heading(terminal, "1  What came in");
  printTable(
    terminal,
    [
      { title: "File", flexible: true },
      { title: "Recognised as" },
      { title: "Read", right: true },
      { title: "Accepted", right: true },
      { title: "Updated", right: true },
      { title: "Duplicate", right: true },
      { title: "Rejected", right: true },
    ],
    walked.imports.map((report) => [
      report.file.split("/").at(-1) ?? report.file,
      report.format.name,
      ...[report.read, report.accepted, report.updated, report.duplicate, report.rejected].map(thousands),
    ]),
  );
  const sum = (pick: (report: ImportReport) => number): number => walked.imports.reduce((total, report) => total + pick(report), 0);
  terminal.print(
    terminal.style(
      "dim",
      `${thousands(sum((report) => report.read))} read = ${thousands(sum((report) => report.accepted))} accepted + ${thousands(sum((report) => report.updated))} updated + ${thousands(sum((report) => report.duplicate))} duplicate + ${thousands(sum((report) => report.rejected))} rejected`,
    ),
  );

  heading(terminal, "2  Personal data, taken out before anything was stored");
  printBars(terminal, merged(walked.imports.map((report) => report.redacted)));
  if (walked.redactedExample !== undefined)
    terminal.print(terminal.style("dim", `  now reads: “${walked.redactedExample.replaceAll("\n", " ").slice(0, 140)}”`));

  heading(terminal, "3  What was refused or needs a hand");
  for (const report of walked.imports) {
    for (const refusal of report.refusals) {
      terminal.print(
        `  ${terminal.style("red", "refused")}  ${report.file.split("/").at(-1)}:${refusal.lines.join(",")}  ${refusal.reason}: ${refusal.message}`,
      );
    }
  }
  printBars(terminal, walked.stats.facets["rule"] ?? {});

  heading(terminal, "4  How good it is, and what it is about");
  printBars(terminal, walked.stats.facets["quality_tier"] ?? {});
  terminal.print();
  printBars(terminal, walked.stats.facets["domain"] ?? {}, { limit: 7 });
  terminal.print();
  printBars(terminal, walked.stats.facets["relevance"] ?? {});
  terminal.print(terminal.style("dim", "  relevance to roofing, as that team's pack defines it"));
  terminal.print();
  printBars(terminal, walked.stats.facets["tag"] ?? {}, { limit: 6 });

  heading(terminal, "5  What says nearly the same, and what it is kept for");
  printDuplicates(terminal, walked.duplicates);

  heading(terminal, "6  Frozen into versions that can be proved");
  printTable(
    terminal,
    [{ title: "Version" }, { title: "Examples", right: true }, { title: "Bytes", right: true }, { title: "Checksum", flexible: true }],
    walked.versions.map((version) => [
      `${version.dataset}@${version.label}`,
      thousands(version.rows),
      bytes(version.bytes),
      version.manifest,
    ]),
  );
  const { verified } = walked;
  terminal.print(
    verified.problems.length === 0
      ? `${terminal.style("green", "✓")} verified: ${plural(verified.objects, "object")} re-hashed, nothing has changed`
      : `${terminal.style("red", "✗")} ${plural(verified.problems.length, "problem")}`,
  );

  heading(terminal, "7  Files a trainer accepts");
  for (const made of walked.exports) {
    for (const file of made.files)
      terminal.print(
        `  ${join(relative(process.cwd(), made.folder), file.name)}  ${terminal.style("dim", `${plural(file.rows, "row")}, ${bytes(file.bytes ?? 0)}`)}`,
      );
    for (const [loss, count] of Object.entries(made.losses)) {
      terminal.print(
        terminal.style(
          "dim",
          `    ${made.format} has no place for the ${loss} of ${plural(count, "example")}: said before writing, kept in the receipt`,
        ),
      );
    }
  }
  terminal.print();
  terminal.print(
    `${terminal.style(["green", "bold"], "✓")} The whole way in ${duration(elapsedMs)}. Everything lies in ${terminal.style("bold", place)}.`,
  );
  printNext(terminal, [
    [`npm run tilth -- stats -w ${place}`, "the pool at a glance"],
    [`npm run tilth -- list -w ${place} --where 'severity = error'`, "what needs a hand"],
    [`npm run tilth -- dedupe -w ${place} --dry-run --threshold 0.7`, "what else is alike"],
    [`npm run tilth -- import FILE -w ${place} --dataset mine`, "bring in your own records"],
    ["npm run tilth -- --help", "every command"],
  ]);
}

/** Each with its witness: nothing is called a duplicate without showing of what. */
function printDuplicates(terminal: Terminal, { read, dropped, clusters, conflicts, threshold }: Walk["duplicates"]): void {
  terminal.print(
    `  ${plural(dropped, "example")} of ${thousands(read)} marked, at a similarity of ${threshold} or more; none was changed or removed`,
  );
  printClusters(terminal, clusters);
  terminal.print();
  terminal.print(
    terminal.style(
      "dim",
      `  ${plural(conflicts.inputs, "input")} answered in different ways by ${plural(conflicts.examples, "example")}: kept, and left to people`,
    ),
  );
}

function heading(terminal: Terminal, text: string): void {
  terminal.print();
  terminal.print(terminal.style("bold", text));
}

function merged(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const count of counts) for (const [name, value] of Object.entries(count)) sums.set(name, (sums.get(name) ?? 0) + value);
  return Object.fromEntries([...sums].sort((a, b) => b[1] - a[1]));
}
