import { randomBytes } from "node:crypto";
import { access, constants, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Duck } from "./dataset/duckdb.ts";
import { openDuck } from "./dataset/duckdb.ts";
import { TilthError } from "./errors.ts";
import type { CaptureRoom } from "./intake/capture-room.ts";
import type { Door } from "./intake/door.ts";
import { openFolderObjects } from "./objects/folder.ts";
import type { Objects } from "./objects/objects.ts";
import { readConfig, writeConfig } from "./packs/config.ts";
import { resolvePacks } from "./packs/load.ts";
import type { Redactor } from "./privacy/redactor.ts";
import { createRedactor } from "./privacy/redactor.ts";
import type { Config } from "./schema/config.ts";
import type { ResolvedPacks } from "./schema/pack.ts";
import { openSqlite } from "./storage/sqlite.ts";
import type { Storage } from "./storage/storage.ts";
import type { Clock, RandomSource } from "./text/ulid.ts";
import { createUlids, systemClock, systemRandom } from "./text/ulid.ts";

const CONFIG_FILE = "tilth.yaml";
const DATA_FOLDER = ".tilth";

/** Where everything of a workspace lies. */
export interface WorkspacePaths {
  readonly root: string;
  readonly config: string;
  readonly data: string;
  readonly pool: string;
  readonly store: string;
  readonly imports: string;
  readonly exports: string;
  readonly index: string;
  readonly keys: string;
  readonly spool: string;
  readonly trash: string;
}

export interface OpenOptions {
  /** `1.2.0`, as manifests name the program. */
  readonly toolVersion: string;
  readonly clock?: Clock;
  readonly random?: RandomSource;
  /** Told once about things that work but should not stay so. */
  readonly warn?: (message: string) => void;
  /** Others are served meanwhile: reads of the pool that may take long hold nothing up. @defaultValue false */
  readonly isServer?: boolean;
}

/** An open workspace: one pool, one store of versions, one door. Each part is opened when it is first asked for. */
export interface Workspace {
  readonly paths: WorkspacePaths;
  readonly config: Config;
  readonly packs: ResolvedPacks;
  readonly clock: Clock;
  readonly toolVersion: string;
  readonly redactor: Redactor;
  newId(): string;
  storage(): Promise<Storage>;
  objects(): Promise<Objects>;
  duck(): Duck;
  door(): Promise<Door>;
  /** The way in for what applications capture. Opening it brings in what a crash left in the spool. */
  capture(): Promise<CaptureRoom>;
  /** The same where it is open, without opening it. */
  openedCapture(): Promise<CaptureRoom> | undefined;
  close(): Promise<void>;
}

/** The paths of a workspace whose root is known. */
export function workspacePaths(root: string): WorkspacePaths {
  const data = join(root, DATA_FOLDER);
  return {
    root,
    config: join(root, CONFIG_FILE),
    data,
    pool: join(data, "pool.db"),
    store: join(data, "store"),
    imports: join(data, "imports"),
    exports: join(data, "exports"),
    index: join(data, "index"),
    keys: join(data, "keys"),
    spool: join(data, "spool"),
    trash: join(data, "trash"),
  };
}

/**
 * Finds the workspace that a folder belongs to: itself, or the nearest folder above it with a `tilth.yaml`.
 *
 * @throws {@link TilthError} `workspace/not-found`.
 */
export async function findWorkspace(folder: string): Promise<string> {
  const start = resolve(folder);
  for (let path = start; ; path = dirname(path)) {
    if (await isFile(join(path, CONFIG_FILE))) return path;
    if (dirname(path) === path) throw new TilthError("workspace/not-found", { path: start });
  }
}

/**
 * Makes a workspace: the configuration with its comments, the data folder that git ignores, the key of pseudonyms.
 *
 * @throws {@link TilthError} `workspace/exists`, `workspace/not-writable`, `pack/not-found`.
 */
export async function createWorkspace(folder: string, options: { readonly packs: readonly string[] }): Promise<WorkspacePaths> {
  const paths = workspacePaths(resolve(folder));
  if (await isFile(paths.config)) throw new TilthError("workspace/exists", { path: paths.root });
  const config = writeConfig(options.packs, { folder: paths.root });
  try {
    await makeDataFolder(paths);
    // Last, since a folder with a configuration is a workspace.
    await writeFile(paths.config, config, { flag: "wx" });
  } catch (cause) {
    throw new TilthError("workspace/not-writable", { path: paths.root, reason: reasonOf(cause) }, { cause });
  }
  return paths;
}

/**
 * Opens the workspace in a folder.
 *
 * @throws {@link TilthError} `workspace/not-found`, `config/invalid`, `pack/not-found`; what storage says when it is first used.
 */
export async function openWorkspace(root: string, options: OpenOptions): Promise<Workspace> {
  const paths = workspacePaths(resolve(root));
  const config = readConfig(await readConfigFile(paths), paths.config);
  refuseWhatIsNotThere(config, paths);
  const { packs: names = [], ...overrides } = config;
  const packs = resolvePacks(names, { folder: paths.root, overrides });
  const clock = options.clock ?? systemClock;
  const newId = createUlids(clock, options.random ?? systemRandom);
  const redactor = createRedactor(config.privacy ?? {});
  const opened: {
    storage?: Promise<Storage>;
    objects?: Promise<Objects>;
    duck?: Duck;
    door?: Promise<Door>;
    capture?: Promise<CaptureRoom>;
  } = {};
  const workspace: Workspace = {
    paths,
    config,
    packs,
    clock,
    toolVersion: options.toolVersion,
    redactor,
    newId,
    storage: () => (opened.storage ??= openStorage(paths, config, options)),
    objects: () => (opened.objects ??= openFolderObjects(paths.store)),
    duck: () => (opened.duck ??= openDuck({ temporaryFolder: join(paths.store, "tmp") })),
    door: () => (opened.door ??= openDoor(workspace)),
    capture: () => (opened.capture ??= openCapture(workspace, options)),
    openedCapture: () => opened.capture,
    async close() {
      await (await settled(opened.capture))?.close();
      await opened.duck?.close();
      await (await settled(opened.storage))?.close();
    },
  };
  return workspace;
}

/** The data folder that git ignores, with the key of pseudonyms; what is there stays. */
async function makeDataFolder(paths: WorkspacePaths): Promise<void> {
  for (const path of [paths.data, paths.keys]) await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(join(paths.data, ".gitignore"), "*\n", { flag: "wx" }).catch(unlessThere);
  await writeFile(keyPath(paths), randomBytes(32), { mode: 0o600, flag: "wx" }).catch(unlessThere);
}

/** Settings of places that this Tilth cannot reach are refused: data must never land elsewhere than its owner thinks. */
function refuseWhatIsNotThere({ storage, objects, plugins }: Config, { config }: WorkspacePaths): void {
  const place = storage ?? objects;
  if (place !== undefined) throw new TilthError("config/unsupported", { path: config, key: storage === undefined ? "objects" : "storage" });
  if (plugins !== undefined && plugins.length > 0) throw new TilthError("config/unsupported", { path: config, key: "plugins" });
}

async function openStorage(paths: WorkspacePaths, config: Config, options: OpenOptions): Promise<Storage> {
  await prepareDataFolder(paths);
  return openSqlite(paths.pool, {
    durability: config.durability ?? "durable",
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.warn === undefined ? {} : { warn: options.warn }),
    ...(options.isServer === undefined ? {} : { hasAside: options.isServer }),
  });
}

/** Rules and the rest of the way in are loaded here, not with this file: a command that only reads starts without them. */
async function openDoor(workspace: Workspace): Promise<Door> {
  const [{ createDoor }, { createPseudonyms }, { compileEnrichment, compileTermCount }, { compileRules }] = await Promise.all([
    import("./intake/door.ts"),
    import("./privacy/pseudonym.ts"),
    import("./quality/enrich.ts"),
    import("./rules/run.ts"),
  ]);
  const { packs, redactor, clock } = workspace;
  const key = await readKey(workspace.paths);
  const countTerms = compileTermCount(packs.pack);
  return createDoor({
    packs,
    redactor,
    checks: compileRules(packs.pack, countTerms === undefined ? {} : { countTerms }),
    enrich: compileEnrichment(packs.pack),
    pseudonym: createPseudonyms(key),
    newId: () => workspace.newId(),
    clock,
  });
}

const DATASETS_MS = 10_000;

async function openCapture(workspace: Workspace, { warn }: OpenOptions): Promise<CaptureRoom> {
  const [{ openCaptureRoom }, { findDataset, findOrCreateDataset }] = await Promise.all([
    import("./intake/capture-room.ts"),
    import("./dataset/datasets.ts"),
  ]);
  const { clock, packs, redactor, paths } = workspace;
  const [storage, door] = await Promise.all([workspace.storage(), workspace.door()]);
  const datasets = new Map<string, { readonly id: Promise<string>; readonly untilMs: number }>();
  return openCaptureRoom({
    storage,
    door,
    redactor,
    clock,
    pack: packs.pack,
    newId: () => workspace.newId(),
    folder: paths.spool,
    datasetOf(name, actor) {
      const known = datasets.get(name);
      if (known !== undefined && known.untilMs > performance.now()) return known.id;
      // Looked for first: that waits for nobody who writes.
      const id = findDataset(storage, name)
        .catch(() => findOrCreateDataset(storage, { name, actor, clock }))
        .then((dataset) => dataset.id);
      datasets.set(name, { id, untilMs: performance.now() + DATASETS_MS });
      id.catch(() => datasets.delete(name));
      return id;
    },
    failed: (error) => warn?.(error instanceof Error ? error.message : String(error)),
  });
}

async function readConfigFile(paths: WorkspacePaths): Promise<string> {
  try {
    return await readFile(paths.config, "utf8");
  } catch (cause) {
    throw new TilthError("workspace/not-found", { path: paths.root }, { cause });
  }
}

/** A clone has the configuration without the data folder; it gets one of its own. */
async function prepareDataFolder(paths: WorkspacePaths): Promise<void> {
  try {
    if (!(await isFile(paths.pool))) await makeDataFolder(paths);
    await access(paths.data, constants.W_OK);
  } catch (cause) {
    throw new TilthError("workspace/not-writable", { path: paths.data, reason: reasonOf(cause) }, { cause });
  }
}

/** With another key the same person would be another word: a lost one is never made anew where a pool is. */
async function readKey(paths: WorkspacePaths): Promise<Buffer> {
  await prepareDataFolder(paths);
  try {
    return await readFile(keyPath(paths));
  } catch (cause) {
    throw new TilthError("workspace/key-missing", { path: keyPath(paths), reason: reasonOf(cause) }, { cause });
  }
}

function keyPath(paths: WorkspacePaths): string {
  return join(paths.keys, "subject.key");
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** A part that was never opened, or whose opening failed, has nothing to close. */
async function settled<T>(opening: Promise<T> | undefined): Promise<T | undefined> {
  return opening?.catch(() => undefined);
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}

/** The system's own word, such as `EACCES: permission denied`, without the path it repeats. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.split(",")[0] ?? error.message;
}
