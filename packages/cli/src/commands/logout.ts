import type { Command } from "../command.ts";
import { wrongCall } from "../options.ts";

export const logout: Command = {
  name: "logout",
  summary: "forget the key of a server",
  options: [],
  examples: [
    ["tilth logout --url https://tilth.example", "forget its key; on the server it stays valid"],
    ["tilth logout", "where only one is kept"],
  ],
  async run({ terminal, server }) {
    const { dropKey, knownServers, originOf } = await import("../credentials.ts");
    const known = await knownServers();
    const [only, ...others] = known;
    const named = server ?? (others.length === 0 ? only : undefined);
    if (named === undefined && known.length > 0) throw await wrongCall("--url", `keys are kept of ${known.join(", ")}: name one of them`);
    const isDropped = named !== undefined && (await dropKey(named));
    const origin = named === undefined ? undefined : originOf(named);
    if (terminal.json) terminal.printJson({ ...(origin === undefined ? {} : { server: origin }), forgotten: isDropped });
    else if (isDropped) {
      terminal.print(`${terminal.style(["green", "bold"], "✓")} The key of ${terminal.style("bold", origin ?? "")} is forgotten here`);
      terminal.note("It stays valid: `tilth key revoke NAME` ends it.");
    } else terminal.print(origin === undefined ? "No key is kept." : `No key of ${origin} is kept.`);
    return 0;
  },
};
