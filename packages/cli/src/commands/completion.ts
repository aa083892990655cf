import type { Command } from "../command.ts";
import { completionScript, shells } from "../completion-script.ts";
import { wrongCall } from "../options.ts";

export const completion: Command = {
  name: "completion",
  summary: "print a script that completes commands, options and their values",
  arguments: "<shell>",
  options: [],
  examples: [
    ["tilth completion bash", "add to ~/.bashrc: source <(tilth completion bash)"],
    ["tilth completion zsh", "add to ~/.zshrc: source <(tilth completion zsh)"],
    ["tilth completion fish", "save as ~/.config/fish/completions/tilth.fish"],
  ],
  async run({ args, terminal, commands }) {
    const shell = shells.find((known) => known === args[0]);
    if (shell === undefined) throw await wrongCall("shell", `there is no script for ${args[0] ?? "none"}, only for ${shells.join(", ")}`);
    const script = completionScript(shell, commands);
    if (terminal.json) terminal.printJson({ shell, script });
    else terminal.print(script.trimEnd());
    return 0;
  },
};
