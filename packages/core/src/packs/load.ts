import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { TilthError } from "../errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Pack, ResolvedPacks } from "../schema/pack.ts";
import { packSchema, packShape } from "../schema/pack.ts";
import { canonicalJson } from "../text/canonical.ts";
import { sha256Hex } from "../text/hash.ts";
import { nearest } from "../text/nearest.ts";
import { mergeObjects } from "./merge.ts";
import { packs } from "./shipped.ts";
import { parseYaml } from "./yaml.ts";

export interface ResolveOptions {
  /** What `tilth.yaml` sets over the packs; keys that are none of a pack's are passed over. */
  readonly overrides?: Pack;
  /** Where relative paths of packs start. @defaultValue the current folder */
  readonly folder?: string;
}

/**
 * Reads packs and lays them over each other in order: maps merge by key, lists append, of scalars the later wins, overrides come last.
 *
 * @param names - Shipped packs by name; own ones by a path that ends in `.yaml` or `.yml`.
 * @throws {@link TilthError} `pack/not-found`, naming the nearest; `pack/invalid` with file, line and key.
 * @example
 * resolvePacks(["assistant", "./ours.yaml"], { overrides: { systemPrompt: "You are kind." } }).pack.systemPrompt; // "You are kind."
 */
export function resolvePacks(names: readonly string[], options: ResolveOptions = {}): ResolvedPacks {
  const layers = names.map((name) => asJson(readPack(name, options.folder)));
  const merged = [...layers, asJson(packPart(options.overrides ?? {}))].reduce(mergeObjects, {});
  const pack = packSchema.parse(merged);
  return { names, pack, fingerprint: sha256Hex(canonicalJson(pack)) };
}

function readPack(name: string, folder: string | undefined): Pack {
  const path = pathOf(name, folder);
  return parseYaml(readText(name, path), { path, schema: packSchema, code: "pack/invalid" });
}

function pathOf(name: string, folder: string | undefined): string {
  if (/\.ya?ml$/.test(name)) return fromHome(name, folder ?? ".");
  const shipped = packs.find((pack) => pack.name === name);
  if (shipped !== undefined) return fileURLToPath(shipped.file);
  const known = packs.map((pack) => pack.name);
  const meant = nearest(name, known);
  const hint = meant === undefined ? `Shipped are ${known.join(", ")}; an own one is named by its .yaml file.` : `Did you mean ${meant}?`;
  throw new TilthError("pack/not-found", { name, hint });
}

function fromHome(path: string, folder: string): string {
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(folder, path);
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new TilthError("pack/not-found", { name, hint: `${path} cannot be read.` }, { cause });
  }
}

/** The keys of a pack, of a configuration that has others beside them. */
function packPart(config: Pack): Pack {
  const own = Object.entries(config).filter(([key]) => key in packShape);
  return packSchema.parse(Object.fromEntries(own));
}

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

function asJson(pack: Pack): JsonObject {
  return jsonObject.parse(pack);
}
