import type { OperationOutput } from "@tilth/core";
import type { Command, CommandCall } from "../command.ts";
import { choiceOption, given, numberOption, textOption, wrongCall } from "../options.ts";
import { printFacts, printNext, printTable } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { duration, percent, plural, thousands, visible } from "../terminal/text.ts";

type Job = OperationOutput<"job.show">;

const statuses = ["waiting", "running", "done", "failed", "cancelled"] as const;

export const jobs: Command = {
  name: "jobs",
  summary: "list a server's work in the background; show, cancel or retry a job",
  arguments: "[show|cancel|retry] [id]",
  options: [
    { flags: "--status <status>", description: "list: only these", choices: statuses },
    { flags: "--operation <operation>", description: "list: such as example.import" },
    { flags: "--limit <count>", description: "list: default 50" },
    { flags: "--cursor <cursor>", description: "list: go on after a page" },
  ],
  examples: [
    ["tilth jobs", "the newest first, how far each is"],
    ["tilth jobs --status failed", "what went wrong"],
    ["tilth jobs cancel 01JD0QF8RN3K", "stop it; what it has stored stays"],
    ["tilth jobs retry 01JD0QF8RN3K", "let it run once more"],
  ],
  async run(call) {
    const { args, terminal, invoke } = call;
    const [verb, id] = args;
    if (verb === undefined) return list(call);
    if (verb !== "show" && verb !== "cancel" && verb !== "retry")
      throw await wrongCall("jobs", `${verb} is neither show, cancel nor retry`);
    if (id === undefined) throw await wrongCall("jobs", `which job to ${verb} is missing`);
    const job = await invoke(`job.${verb}`, { id });
    if (terminal.json) terminal.printJson(job);
    else if (verb === "show") show(terminal, job);
    else terminal.print(`${terminal.style(["green", "bold"], "✓")} ${job.operation} ${job.id}: ${stateOf(job)}`);
    return 0;
  },
};

async function list({ options, terminal, invoke }: CommandCall): Promise<number> {
  const page = await invoke("job.list", {
    ...given({
      status: choiceOption(options, "status", statuses),
      operation: textOption(options, "operation"),
      limit: numberOption(options, "limit"),
      cursor: textOption(options, "cursor"),
    }),
  });
  if (terminal.json) {
    terminal.printJson(page);
    return 0;
  }
  if (page.jobs.length === 0) {
    terminal.print("No such job: long work that a server is asked for becomes one.");
    return 0;
  }
  printTable(
    terminal,
    [{ title: "Job" }, { title: "What" }, { title: "State" }, { title: "How far", flexible: true }, { title: "Made" }],
    page.jobs.map((job) => [job.id, job.operation, stateOf(job), progressOf(job), shortTime(job.createdAt)]),
  );
  if (page.next !== undefined) printNext(terminal, [[`tilth jobs --cursor ${page.next}`, "earlier ones"]]);
  return 0;
}

function show(terminal: Terminal, job: Job): void {
  terminal.print(`${terminal.style("bold", job.operation)} ${job.id}`);
  const took = job.startedAt === undefined || job.endedAt === undefined ? undefined : Date.parse(job.endedAt) - Date.parse(job.startedAt);
  const facts: readonly (readonly [string, string])[] = [
    ["state", stateOf(job)],
    ["how far", progressOf(job)],
    ["by", job.actor],
    ["asked for", JSON.stringify(job.input ?? {})],
    ["made", shortTime(job.createdAt)],
    ["ended", job.endedAt === undefined ? "" : shortTime(job.endedAt)],
    ["took", took === undefined ? "" : duration(took)],
    ["attempts", thousands(job.attempts)],
    ["failed", job.error === undefined ? "" : job.error.message],
  ];
  printFacts(
    terminal,
    facts.filter(([, value]) => value !== ""),
  );
  for (const remark of job.remarks) terminal.print(`  ${visible(remark)}`);
  if (job.result !== undefined) terminal.print(visible(JSON.stringify(job.result, undefined, 2)));
  if (job.status === "failed" || job.status === "cancelled") printNext(terminal, [[`tilth jobs retry ${job.id}`, "let it run once more"]]);
  if (job.status === "running" || job.status === "waiting") printNext(terminal, [[`tilth jobs cancel ${job.id}`, "stop it"]]);
}

function stateOf({ status, cancelling, attempts }: Pick<Job, "status" | "cancelling" | "attempts">): string {
  if (cancelling) return "stopping";
  return status === "waiting" && attempts > 0 ? `waiting after ${plural(attempts, "attempt")}` : status;
}

function progressOf({ progress }: Pick<Job, "progress">): string {
  if (progress === undefined) return "";
  const { step, done, total, unit, detail } = progress;
  const far = total === undefined ? `${thousands(done)} ${unit}` : percent(done, total);
  return [far, step, ...(detail === undefined ? [] : [detail])].join(" · ");
}

function shortTime(at: string): string {
  return at.slice(0, 16).replace("T", " ");
}
