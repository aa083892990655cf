import { createServer } from "node:net";
import type { RunningServer } from "@tilth/server";
import type { Command, OptionValues } from "../command.ts";
import { flagOption, given, numberOption, textOption, wrongCall } from "../options.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { version } from "../version.ts";

const HIGHEST_PORT = 65_535;
const USUAL_PORT = 7420;
/** How many ports behind the usual one are tried. */
const MORE_PORTS = 20;

/** What every command that serves can be told. */
export const serveOptions: Command["options"] = [
  { flags: "--host <host>", description: "where to listen; default: 127.0.0.1, this machine alone" },
  { flags: "--port <port>", description: `default: ${USUAL_PORT}, or the next one that is free; 0 takes any` },
  {
    flags: "--trust-proxy <addresses>",
    description: "proxies whose X-Forwarded headers are believed, such as 127.0.0.1,10.0.0.0/8; default: none",
  },
  { flags: "--log", description: "write a line of JSON for each request to standard error" },
];

export const serve: Command = {
  name: "serve",
  summary: "serve the workspace over HTTP, until it is stopped",
  options: serveOptions,
  onlyHere: "serves a workspace of this machine",
  examples: [
    ["tilth serve", `http://127.0.0.1:${USUAL_PORT}, for this machine alone`],
    ["tilth serve --host 0.0.0.0", "for others too, once there is a key"],
    ["tilth serve --log 2> requests.log", "with a log of every request"],
  ],
  async run({ options, terminal }) {
    await serveFolder({
      folder: textOption(options, "workspace") ?? process.env["TILTH_WORKSPACE"] ?? process.cwd(),
      options,
      terminal,
      tell: (address, signInLink) => {
        if (terminal.json) terminal.printJson({ address, ...given({ signInLink }) });
        else printAddress(terminal, address, signInLink);
      },
    });
    return 0;
  },
};

export interface Serving {
  /** The workspace, or a folder in it. */
  readonly folder: string;
  /** As {@link serveOptions} name them. */
  readonly options: OptionValues;
  readonly terminal: Terminal;
  /** Told once the server listens. */
  readonly tell: (address: string, signInLink: string | undefined) => void;
}

/**
 * Serves a workspace until somebody stops it: Ctrl-C, SIGTERM.
 *
 * @throws {@link TilthError} `input/invalid` for a port that is none; whatever refuses to start the server.
 */
export async function serveFolder({ folder, options, terminal, tell }: Serving): Promise<void> {
  const port = numberOption(options, "port");
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= HIGHEST_PORT))
    throw await wrongCall("--port", `there are ports from 0 to ${HIGHEST_PORT}`);
  const host = textOption(options, "host") ?? "127.0.0.1";
  // Asked for before the server starts: whoever stops it meanwhile is heard.
  const stopped = stopSignal();
  const { startServer } = await import("@tilth/server");
  const server = await startServer({
    folder,
    toolVersion: version,
    warn: (message) => terminal.note(message),
    logger: { level: flagOption(options, "log") ? "info" : "error", stream: process.stderr },
    host,
    port: port ?? (await freePort(host)),
    ...given({ trustProxy: textOption(options, "trustProxy")?.split(",") }),
  });
  await tellOf(server, { tell, terminal, wantsUsual: port === undefined });
  await stopped;
  await server.close();
  if (!terminal.json) terminal.note("Stopped. All that was acknowledged is stored.");
}

/** What to open, for a person. */
export function printAddress(terminal: Terminal, address: string, signInLink: string | undefined): void {
  terminal.print(`${terminal.style(["green", "bold"], "✓")} Tilth listens on ${terminal.style("bold", address)}`);
  terminal.print(`  Open it in a browser.  API: ${address}/api   health: ${address}/health`);
  if (signInLink !== undefined) terminal.print(`  To sign in, once and within 15 minutes: ${signInLink}`);
  terminal.note("Ctrl-C stops it.");
}

async function tellOf(
  server: RunningServer,
  { tell, terminal, wantsUsual }: { readonly tell: Serving["tell"]; readonly terminal: Terminal; readonly wantsUsual: boolean },
): Promise<void> {
  const taken = new URL(server.address).port;
  if (wantsUsual && taken !== String(USUAL_PORT)) terminal.note(`Port ${USUAL_PORT} is taken by another program: this is ${taken}.`);
  tell(server.address, await server.signInLink());
}

/** The usual port, or the next one that nobody has; where all are taken, the usual one, which then says so itself. */
async function freePort(host: string): Promise<number> {
  for (let port = USUAL_PORT; port <= USUAL_PORT + MORE_PORTS; port++) if (await isFree(host, port)) return port;
  return USUAL_PORT;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    // Only what another program holds is passed over: a host that is none, or not allowed, is the server's to refuse.
    probe.once("error", (error) => resolve(!("code" in error) || error.code !== "EADDRINUSE"));
    probe.listen({ host, port }, () => probe.close(() => resolve(true)));
  });
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
