import type { Command, CommandOption } from "./command.ts";
import { sharedOptions } from "./shared-options.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The script that teaches a shell what the program offers: commands, their options, the choices of an option, files elsewhere. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const described = [...commands.map(describe), help(commands)];
  switch (shell) {
    case "bash":
      return bashScript(described);
    case "zsh":
      return zshScript(described);
    case "fish":
      return fishScript(described);
  }
}

/** A command as shells need it. */
interface Described {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly DescribedOption[];
  /** What stands in place of an argument, where that is a choice. */
  readonly words: readonly string[];
}

interface DescribedOption {
  /** `-d`, `--dataset`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

function describe({ name, summary, options }: Command): Described {
  const all = [...options, ...sharedOptions, { flags: "-h, --help", description: "show help" }];
  return { name, summary, options: all.map(describeOption), words: name === "completion" ? shells : [] };
}

function help(commands: readonly Command[]): Described {
  return { name: "help", summary: "show help for a command", options: [], words: commands.map(({ name }) => name) };
}

function describeOption({ flags, description, choices = [] }: CommandOption): DescribedOption {
  return { names: flags.match(/--?[a-z][\w-]*/g) ?? [], description, takesValue: flags.includes("<"), choices };
}

function bashScript(commands: readonly Described[]): string {
  return `# Completes tilth in bash: source <(tilth completion bash)
_tilth() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [[ "$word" != -* ]]; then command="$word"; break; fi
  done
  COMPREPLY=()
  if [[ -z "$command" ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$current"))
    return
  fi
  case "$command:$previous" in
${commands.flatMap((command) => command.options.filter(({ takesValue }) => takesValue).map((option) => `    ${bashPattern(command, option)}) ${bashValues(option)} ;;`)).join("\n")}
  esac
  case "$command" in
${commands.map((command) => `    ${command.name}) ${bashWords(command)} ;;`).join("\n")}
  esac
}
complete -o default -F _tilth tilth
`;
}

function bashPattern({ name }: Described, { names }: DescribedOption): string {
  return names.map((option) => `${name}:${option}`).join(" | ");
}

/** Without a reply bash falls back to files. */
function bashValues({ choices }: DescribedOption): string {
  return choices.length === 0 ? "return" : `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); return`;
}

function bashWords({ options, words }: Described): string {
  const names = options.flatMap((option) => option.names).join(" ");
  const others = words.length === 0 ? "" : ` else COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"));`;
  return `if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "${names}" -- "$current"));${others} fi`;
}

function zshScript(commands: readonly Described[]): string {
  return `#compdef tilth
# Completes tilth in zsh: source <(tilth completion zsh)
_tilth() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${single(`${name}:${summary}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${commands.map((command) => `    ${command.name})\n      _arguments -s ${zshArguments(command).join(" ")}\n      ;;`).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _tilth ]]; then _tilth "$@"; else compdef _tilth tilth; fi
`;
}

function zshArguments({ options, words }: Described): readonly string[] {
  const flags = options.flatMap(({ names, description, takesValue, choices }) => {
    const value = takesValue ? `:value:${choices.length === 0 ? "_files" : `(${choices.join(" ")})`}` : "";
    return names.map((name) => single(`*${name}[${description.replaceAll(/[[\]:\\]/g, "\\$&")}]${value}`));
  });
  return [...flags, words.length === 0 ? "'*:file:_files'" : single(`*:word:(${words.join(" ")})`)];
}

function fishScript(commands: readonly Described[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap(({ name, summary, options, words }) => {
    const inside = `-n ${single(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c tilth -f -n ${single(`not __fish_seen_subcommand_from ${names}`)} -a ${name} -d ${single(summary)}`,
      ...options.map((option) => `complete -c tilth ${inside} ${fishOption(option)}`),
      ...(words.length === 0 ? [] : [`complete -c tilth -f ${inside} -a ${single(words.join(" "))}`]),
    ];
  });
  return `# Completes tilth in fish: save as ~/.config/fish/completions/tilth.fish\n${lines.join("\n")}\n`;
}

function fishOption({ names, description, takesValue, choices }: DescribedOption): string {
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = takesValue ? [choices.length === 0 ? "-r" : `-x -a ${single(choices.join(" "))}`] : [];
  return [...flags, ...value, `-d ${single(description)}`].join(" ");
}

/** In single quotes, as all three shells read them. */
function single(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
