import { z } from "zod";
import type { JsonObject } from "./json.ts";
import type { Pack } from "./pack.ts";
import { packShape } from "./pack.ts";
import { strictObject } from "./strict.ts";

/** Where heavy work runs. */
export interface EngineSettings {
  /** @defaultValue `local` */
  readonly kind?: "local" | "spark";
  readonly url?: string;
  /** Readable by the executors and by Tilth. */
  readonly scratch?: string;
  /** `ship`, `path`, or an absolute path on the executors. */
  readonly node?: string;
  /** Rows below which `auto` stays local. */
  readonly threshold?: number;
}

/** What is looked for in texts and what becomes of it. */
export interface PrivacySettings {
  readonly types?: readonly string[];
  /** Least score, 0 to 1. */
  readonly threshold?: number;
  /** Values, or `/regex/`, that may stay. */
  readonly allow?: readonly string[];
  readonly actions?: Readonly<Record<string, "redact" | "flag">>;
  /** Own patterns: the type's name and a regular expression. */
  readonly patterns?: Readonly<Record<string, string>>;
}

/** A column map of an import: an example's field and where its value comes from. */
export type ImportMap = Readonly<Record<string, string>>;

/** `tilth.yaml`: the place and the habits of one workspace. Its keys of a pack lie over the packs it names. */
export interface Config extends Pack {
  /** Names of shipped packs or paths of own ones; later ones win. */
  readonly packs?: readonly string[];
  /** A `postgres://` address. @defaultValue the pool in `.tilth/` */
  readonly storage?: string;
  /** An `s3://` address or a folder. @defaultValue `.tilth/store` */
  readonly objects?: string;
  readonly engine?: EngineSettings;
  /** @defaultValue `durable`: acknowledged means on disk */
  readonly durability?: "durable" | "relaxed";
  readonly audit?: { readonly reads?: "all" | "exports" | "off" };
  readonly retention?: { readonly versions?: { readonly keepLast?: number; readonly keepTags?: boolean; readonly olderThan?: string } };
  readonly import?: { readonly maps?: Readonly<Record<string, ImportMap>> };
  readonly embedder?: string | { readonly kind: string; readonly path?: string; readonly url?: string };
  readonly privacy?: PrivacySettings;
  /** By the trainer's name; each trainer knows its own settings. */
  readonly trainers?: Readonly<Record<string, JsonObject>>;
  /** Paths or package names. */
  readonly plugins?: readonly string[];
  readonly metrics?: { readonly datasetLabels?: boolean };
}

const place = z.exactOptional(z.string().min(1));

/** Parses `tilth.yaml`; an unknown key is refused with the nearest one named. */
export const configSchema: z.ZodType<Config> = strictObject({
  packs: z.exactOptional(z.array(z.string().min(1))),
  storage: place,
  objects: place,
  engine: z.exactOptional(
    strictObject({
      kind: z.exactOptional(z.enum(["local", "spark"])),
      url: place,
      scratch: place,
      node: place,
      threshold: z.exactOptional(z.int().min(0)),
    }),
  ),
  durability: z.exactOptional(z.enum(["durable", "relaxed"])),
  audit: z.exactOptional(strictObject({ reads: z.exactOptional(z.enum(["all", "exports", "off"])) })),
  retention: z.exactOptional(
    strictObject({
      versions: z.exactOptional(
        strictObject({
          keepLast: z.exactOptional(z.int().min(1)),
          keepTags: z.exactOptional(z.boolean()),
          olderThan: z.exactOptional(z.string().regex(/^\d+d$/, "must be a number of days such as 90d")),
        }),
      ),
    }),
  ),
  import: z.exactOptional(strictObject({ maps: z.exactOptional(z.record(z.string(), z.record(z.string(), z.string()))) })),
  embedder: z.exactOptional(z.union([z.string().min(1), strictObject({ kind: z.string().min(1), path: place, url: place })])),
  privacy: z.exactOptional(
    strictObject({
      types: z.exactOptional(z.array(z.string().min(1))),
      threshold: z.exactOptional(z.number().min(0).max(1)),
      allow: z.exactOptional(z.array(z.string().min(1))),
      actions: z.exactOptional(z.record(z.string(), z.enum(["redact", "flag"]))),
      patterns: z.exactOptional(z.record(z.string(), z.string().min(1))),
    }),
  ),
  trainers: z.exactOptional(z.record(z.string(), z.record(z.string(), z.json()))),
  plugins: z.exactOptional(z.array(z.string().min(1))),
  metrics: z.exactOptional(strictObject({ datasetLabels: z.exactOptional(z.boolean()) })),
  ...packShape,
});
