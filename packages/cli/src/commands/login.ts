import { text } from "node:stream/consumers";
import type { Command } from "../command.ts";
import { flagOption, wrongCall } from "../options.ts";
import { printNext } from "../terminal/blocks.ts";
import { askSecret, isInteractive } from "../terminal/questions.ts";

export const login: Command = {
  name: "login",
  summary: "keep the key of a server, so that --url needs no TILTH_KEY",
  options: [{ flags: "--key-stdin", description: "read the key from standard input; default: it is asked for and not shown" }],
  examples: [
    ["tilth login --url https://tilth.example", "asks for the key, tries it and keeps it for you alone"],
    ["tilth login --url https://tilth.example --key-stdin < key.txt", "in a script"],
  ],
  async run({ options, terminal, server }) {
    if (server === undefined) throw await wrongCall("--url", "which server to log in to is missing");
    const { createClient, isTilthError } = await import("@tilth/core/client");
    const { credentialsPath, originOf, storeKey } = await import("../credentials.ts");
    const origin = originOf(server);
    const key = await givenKey(origin, flagOption(options, "keyStdin"));
    if (key === "") throw await wrongCall("key", "there is none");
    const client = createClient({ url: server, key });
    await client.call("workspace.show", {}).catch((error: unknown) => {
      // A key that may not read is one nevertheless.
      if (!isTilthError(error) || (error.code !== "auth/forbidden" && error.code !== "auth/dataset-forbidden")) throw error;
    });
    await storeKey(server, key);
    if (terminal.json) terminal.printJson({ server: origin, path: credentialsPath() });
    else {
      terminal.print(
        `${terminal.style(["green", "bold"], "✓")} The key of ${terminal.style("bold", origin)} works and is kept in ${credentialsPath()}`,
      );
      printNext(terminal, [
        [`tilth stats --url ${server}`, "see what the pool holds"],
        [`export TILTH_URL=${server}`, "ask this server without saying so each time"],
      ]);
    }
    if (isOpenRoad(origin))
      terminal.note("The way there is not encrypted: whoever listens on the network reads the key. https keeps it secret.");
    return 0;
  },
};

/** Never an argument: those stand in the list of processes and in the shell's history. */
async function givenKey(origin: string, isPiped: boolean): Promise<string> {
  if (isPiped) return (await text(process.stdin)).trim();
  if (!isInteractive()) throw await wrongCall("key", "nobody is there to ask; --key-stdin reads it from standard input");
  return askSecret(`Key of ${origin}: `);
}

function isOpenRoad(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
