import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { TilthError } from "@tilth/core/client";

/** Keys by the origin of their server, such as `https://tilth.example`. */
type Credentials = Readonly<Record<string, { readonly key: string }>>;

/** Where keys are kept: in the user's own configuration, readable by nobody else. */
export function credentialsPath(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const own = env["XDG_CONFIG_HOME"] ?? "";
  if (own !== "") return join(own, "tilth", "credentials.json");
  const windows = env["APPDATA"] ?? "";
  return platform === "win32" && windows !== ""
    ? join(windows, "tilth", "credentials.json")
    : join(homedir(), ".config", "tilth", "credentials.json");
}

/**
 * The key of a server: from TILTH_KEY, else the one that `tilth login` stored. A server on this machine may need none.
 *
 * @throws {@link TilthError} `credentials/open` where others can read the file, `credentials/damaged`.
 */
export async function keyFor(url: string): Promise<string | undefined> {
  const told = process.env["TILTH_KEY"] ?? "";
  return told === "" ? (await readCredentials())[originOf(url)]?.key : told;
}

/** Origins of the servers that keys are stored for. */
export async function knownServers(): Promise<readonly string[]> {
  return Object.keys(await readCredentials());
}

/** Stores a key in place of the one before. */
export async function storeKey(url: string, key: string): Promise<void> {
  await writeCredentials({ ...(await readCredentials()), [originOf(url)]: { key } });
}

/** Takes the key of a server away; false where there is none. */
export async function dropKey(url: string): Promise<boolean> {
  const { [originOf(url)]: dropped, ...others } = await readCredentials();
  if (dropped !== undefined) await writeCredentials(others);
  return dropped !== undefined;
}

/** @throws {@link TilthError} `input/invalid` for what is no address. */
export function originOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.origin === "null")
    throw new TilthError("input/invalid", { where: "url", problem: "it is no address such as http://127.0.0.1:7420" });
  return parsed.origin;
}

async function readCredentials(): Promise<Credentials> {
  const path = credentialsPath();
  try {
    await refuseOpen(path);
    return parsed(path, await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return {};
    throw error;
  }
}

/** Windows keeps others out of a user's folder by itself; its modes say nothing. */
async function refuseOpen(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw new TilthError("credentials/open", { path, mode: (mode & 0o777).toString(8) });
}

function parsed(path: string, text: string): Credentials {
  const problem = "it is no JSON object of addresses and keys";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(problem);
    return Object.fromEntries(Object.entries(value).map(([origin, entry]) => [origin, { key: keyOf(entry) }]));
  } catch {
    // Without what the parser says: it quotes what stands there.
    throw new TilthError("credentials/damaged", { path, problem });
  }
}

function keyOf(entry: unknown): string {
  if (typeof entry === "object" && entry !== null && "key" in entry && typeof entry.key === "string") return entry.key;
  throw new TypeError("no key");
}

/** Written beside and put in its place, so that no half of it is ever read. */
async function writeCredentials(credentials: Credentials): Promise<void> {
  const path = credentialsPath();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, "w", 0o600);
  try {
    // The mode of `open` is that of a new file alone.
    if (process.platform !== "win32") await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify(credentials, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
