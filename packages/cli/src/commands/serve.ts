import type { RunningServer } from "@tilth/server";
import type { Command } from "../command.ts";
import { flagOption, given, numberOption, textOption, wrongCall } from "../options.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../version.ts";

const HIGHEST_PORT = 65_535;

export const serve: Command = {
  name: "serve",
  summary: "serve the workspace over HTTP, until it is stopped",
  options: [
    { flags: "--host <host>", description: "where to listen; default: 127.0.0.1, this machine alone" },
    { flags: "--port <port>", description: "default: 7420; 0 takes any that is free" },
    { flags: "--log", description: "write a line of JSON for each request to standard error" },
  ],
  examples: [
    ["tilth serve", "http://127.0.0.1:7420, for this machine alone"],
    ["tilth serve --host 0.0.0.0", "for others too, once there is a key"],
    ["tilth serve --log 2> requests.log", "with a log of every request"],
  ],
  async run({ options, terminal }) {
    const port = numberOption(options, "port");
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= HIGHEST_PORT))
      throw await wrongCall("--port", `there are ports from 0 to ${HIGHEST_PORT}`);
    // Asked for before the server starts: whoever stops it meanwhile is heard.
    const stopped = stopSignal();
    const { startServer } = await import("@tilth/server");
    const server = await startServer({
      folder: textOption(options, "workspace") ?? process.env["TILTH_WORKSPACE"] ?? process.cwd(),
      toolVersion: version,
      warn: (message) => terminal.note(message),
      logger: flagOption(options, "log") ? { level: "info", stream: process.stderr } : { level: "error", stream: process.stderr },
      ...given({ host: textOption(options, "host"), port }),
    });
    await tell(terminal, server);
    await stopped;
    await server.close();
    if (!terminal.json) terminal.note("Stopped. All that was acknowledged is stored.");
    return 0;
  },
};

async function tell(terminal: Terminal, server: RunningServer): Promise<void> {
  const { address } = server;
  if (terminal.json) {
    terminal.printJson({ address, ...given({ signInLink: await server.signInLink() }) });
    return;
  }
  terminal.print(`${terminal.style(["green", "bold"], "✓")} Tilth listens on ${terminal.style("bold", address)}`);
  terminal.print(`  API: ${address}/api   health: ${address}/health`);
  const link = await server.signInLink();
  if (link !== undefined) terminal.print(`  Sign in once, within 15 minutes: ${link}`);
  terminal.note("Ctrl-C stops it.");
}

/** The first signal asks for an orderly end; the second one ends the process, as it always does. */
function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
    resolve();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return promise;
}
