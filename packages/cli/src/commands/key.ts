import type { OperationOutput } from "@tilth/core";
import type { Command } from "../command.ts";
import { choiceOption, given, listOption, numberOption, wrongCall } from "../options.ts";
import { printFacts, printNext, printTable } from "../terminal/blocks.ts";
import type { Terminal } from "../terminal/terminal.ts";

type Listed = OperationOutput<"key.list">["keys"][number];

const roles = ["viewer", "reviewer", "editor", "admin"] as const;
const scopes = ["read", "write", "delete", "review", "admin"] as const;

export const key: Command = {
  name: "key",
  summary: "list API keys, make one, or revoke one",
  arguments: "[create|revoke] [name]",
  options: [
    { flags: "--role <role>", description: "create: what a person of this role may do; default: viewer", choices: roles },
    { flags: "--scope <scope>", description: `create: one right alone, of ${scopes.join(", ")}; may repeat`, repeat: true },
    { flags: "--dataset <dataset>", description: "create: only this dataset; may repeat", repeat: true },
    { flags: "--expires <days>", description: "create: when it ends by itself; default: never" },
  ],
  examples: [
    ["tilth key", "list all, without their secrets"],
    ["tilth key create ci --role editor", "make one; it is shown once"],
    ["tilth key create app --scope write --dataset support --expires 365", "may only write, into one dataset, for a year"],
    ["tilth key revoke ci", "refuse it from now on"],
  ],
  async run({ args: [verb, name], options, terminal, invoke }) {
    if (verb === undefined) return list(terminal, (await invoke("key.list", {})).keys);
    if (verb !== "create" && verb !== "revoke") throw await wrongCall("key", `${verb} is neither create nor revoke`);
    if (name === undefined) throw await wrongCall("key", `which key to ${verb} is missing`);
    if (verb === "revoke") {
      const revoked = await invoke("key.revoke", { key: name });
      if (terminal.json) terminal.printJson(revoked);
      else terminal.print(`${terminal.style(["green", "bold"], "✓")} ${revoked.name} (${revoked.prefix}…) is refused from now on.`);
      return 0;
    }
    const some = await scopesGiven(listOption(options, "scope"));
    const datasets = listOption(options, "dataset");
    const made = await invoke("key.create", {
      name,
      ...given({
        role: choiceOption(options, "role", roles),
        scopes: some.length === 0 ? undefined : [...some],
        datasets: datasets.length === 0 ? undefined : [...datasets],
        expiresInDays: numberOption(options, "expires"),
      }),
    });
    if (terminal.json) {
      terminal.printJson(made);
      return 0;
    }
    // Alone on standard output, so that `KEY=$(tilth key create ci)` holds it.
    terminal.print(made.key);
    const beside: Terminal = { ...terminal, print: (text = "") => terminal.note(text) };
    beside.print("This is the only time it is shown.");
    printFacts(beside, [
      ["may", rightsOf(made)],
      ["reaches", made.datasets?.join(", ") ?? "all datasets"],
      ["expires", made.expiresAt ?? "never"],
    ]);
    printNext(beside, [[`tilth key revoke ${made.name}`, "when it is needed no more"]]);
    return 0;
  },
};

async function scopesGiven(names: readonly string[]): Promise<readonly `training_data:${(typeof scopes)[number]}`[]> {
  const unknown = names.find((name) => !scopes.some((scope) => scope === name));
  if (unknown !== undefined) throw await wrongCall("scope", `${unknown} is none of ${scopes.join(", ")}`);
  return scopes.filter((scope) => names.includes(scope)).map((scope) => `training_data:${scope}` as const);
}

function list(terminal: Terminal, keys: readonly Listed[]): number {
  if (terminal.json) terminal.printJson({ keys });
  else if (keys.length === 0) terminal.print("No key yet: `tilth key create NAME` makes one.");
  else
    printTable(
      terminal,
      [
        { title: "Key", flexible: true },
        { title: "Begins" },
        { title: "May" },
        { title: "Datasets" },
        { title: "Last used" },
        { title: "State" },
      ],
      keys.map((one) => [one.name, one.prefix, rightsOf(one), one.datasets?.join(", ") ?? "all", shortTime(one.usedAt), stateOf(one)]),
    );
  return 0;
}

function rightsOf(one: Pick<Listed, "scopes">): string {
  return one.scopes.map((scope) => scope.replace("training_data:", "")).join(" ");
}

function stateOf({ revokedAt, expiresAt }: Listed): string {
  if (revokedAt !== undefined) return `revoked ${shortTime(revokedAt)}`;
  return expiresAt === undefined ? "valid" : `until ${shortTime(expiresAt)}`;
}

function shortTime(at: string | undefined): string {
  return at === undefined ? "–" : at.slice(0, 16).replace("T", " ");
}
