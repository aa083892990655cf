import type { Command, OptionValues } from "./command.ts";
import { textOption, wrongCall } from "./options.ts";

/**
 * The server that a command line asks, where it asks one: what is typed counts before what stands in the environment.
 *
 * @throws {@link TilthError} `input/invalid` where both a server and a workspace are typed, or the command cannot be asked of a server.
 */
export async function serverOf({ name, onlyHere }: Command, options: OptionValues): Promise<string | undefined> {
  const [url, workspace] = [textOption(options, "url"), textOption(options, "workspace")];
  if (url !== undefined && workspace !== undefined) throw await wrongCall("--url", "a server and a workspace were both named");
  const server = workspace === undefined ? (url ?? process.env["TILTH_URL"] ?? "") : "";
  if (server === "") return undefined;
  if (onlyHere === undefined) return server;
  const how = url === undefined ? "-w FOLDER says so while TILTH_URL is set" : "leave it away";
  throw await wrongCall(url === undefined ? "TILTH_URL" : "--url", `\`tilth ${name}\` ${onlyHere}; ${how}`);
}
