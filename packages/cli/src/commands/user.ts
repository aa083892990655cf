import { text } from "node:stream/consumers";
import type { OperationOutput } from "@tilth/core";
import type { Command, CommandCall } from "../command.ts";
import { choiceOption, flagOption, given, listOption, wrongCall } from "../options.ts";
import { printTable } from "../terminal/blocks.ts";

const roles = ["viewer", "reviewer", "editor", "admin"] as const;

export const user: Command = {
  name: "user",
  summary: "list users, make, change or remove one, set a password",
  arguments: "[create|set|remove|password] [name]",
  options: [
    { flags: "--role <role>", description: "create, set: what the user may do; default: viewer", choices: roles },
    { flags: "--dataset <dataset>", description: "create, set: only this dataset; may repeat", repeat: true },
    { flags: "--all-datasets", description: "set: no limit to datasets any more" },
    { flags: "--password-stdin", description: "create, password: read it from standard input; default: one is made and shown once" },
  ],
  examples: [
    ["tilth user", "list all"],
    ["tilth user create ana --role reviewer", "the password is made and shown once"],
    ["tilth user set ana --role editor", "from the next request on"],
    ["tilth user password ana", "a new one; ends all sessions"],
  ],
  async run(call) {
    const [verb, name] = call.args;
    if (verb === undefined) return list(call);
    if (name === undefined) throw await wrongCall("user", `which user to ${verb} is missing`);
    switch (verb) {
      case "create":
        return create(call, name);
      case "set":
        return change(call, name);
      case "remove":
        return said(call, await call.invoke("user.remove", { user: name }), `${name} is removed, and signed out everywhere.`);
      case "password":
        return setPassword(call, name);
    }
    throw await wrongCall("user", `${verb} is none of create, set, remove, password`);
  },
};

async function list({ terminal, invoke }: CommandCall): Promise<number> {
  const { users } = await invoke("user.list", {});
  if (terminal.json) terminal.printJson({ users });
  else if (users.length === 0) terminal.print("No user yet: `tilth user create NAME` makes one.");
  else
    printTable(
      terminal,
      [{ title: "User", flexible: true }, { title: "Role" }, { title: "Datasets" }, { title: "Made" }, { title: "By" }],
      users.map((one) => [one.name, one.role, one.datasets?.join(", ") ?? "all", one.createdAt.slice(0, 10), one.createdBy]),
    );
  return 0;
}

async function create(call: CommandCall, name: string): Promise<number> {
  const datasets = listOption(call.options, "dataset");
  const made = await call.invoke("user.create", {
    name,
    ...given({
      role: choiceOption(call.options, "role", roles),
      datasets: datasets.length === 0 ? undefined : [...datasets],
      password: await givenPassword(call),
    }),
  });
  return said(call, made, `${made.name} may sign in as ${made.role}.`);
}

async function change(call: CommandCall, name: string): Promise<number> {
  const datasets = listOption(call.options, "dataset");
  const all = flagOption(call.options, "allDatasets");
  if (all && datasets.length > 0) throw await wrongCall("user", "some datasets and all of them were both asked for");
  const changed = await call.invoke("user.update", {
    user: name,
    ...given({
      role: choiceOption(call.options, "role", roles),
      datasets: all ? ("all" as const) : datasets.length === 0 ? undefined : [...datasets],
    }),
  });
  return said(call, changed, `${changed.name} is ${changed.role} of ${changed.datasets?.join(", ") ?? "all datasets"}.`);
}

async function setPassword(call: CommandCall, name: string): Promise<number> {
  const changed = await call.invoke("user.password", { user: name, ...given({ password: await givenPassword(call) }) });
  return said(call, changed, `${changed.name} has a new password, and is signed out everywhere.`);
}

function said({ terminal }: CommandCall, result: OperationOutput<"user.create">, sentence: string): number {
  if (terminal.json) {
    terminal.printJson(result);
    return 0;
  }
  terminal.print(`${terminal.style(["green", "bold"], "✓")} ${sentence}`);
  if (result.password !== undefined) {
    terminal.print(`  password  ${result.password}`);
    terminal.note("This is the only time it is shown.");
  }
  return 0;
}

/** Never an argument: those stand in the list of processes and in the shell's history. */
async function givenPassword({ options }: CommandCall): Promise<string | undefined> {
  if (!flagOption(options, "passwordStdin")) return undefined;
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}
