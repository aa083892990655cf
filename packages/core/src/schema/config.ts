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

/** What turns texts into vectors. Which members a kind knows stands beside each; any other is refused. */
export interface EmbedderSettings {
  readonly kind: "static" | "hash" | "transformers" | "endpoint";
  /** Of a table (`static`) or of a folder with models (`transformers`), from the folder of `tilth.yaml`. */
  readonly path?: string;
  /** Of an OpenAI-compatible endpoint, with or without `/embeddings` at its end. */
  readonly url?: string;
  /** `transformers`: a folder inside `path`. `endpoint`: the name it is asked for. */
  readonly model?: string;
  /** `endpoint`: asked for, and held to. */
  readonly dimensions?: number;
  /** `endpoint`: the environment variable that holds the key. A key itself is never written here. */
  readonly keyFrom?: string;
  /** `endpoint`: price of a million tokens, in any currency; with it the cost is told. */
  readonly pricePerMillion?: number;
  /** `static`: how much hashed words count beside the meaning, above 0 and at most 1. @defaultValue none */
  readonly hashWeight?: number;
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
  /** `trustProxy`: addresses of proxies whose X-Forwarded headers are believed. @defaultValue none */
  readonly server?: { readonly trustProxy?: readonly string[] };
  readonly retention?: { readonly versions?: { readonly keepLast?: number; readonly keepTags?: boolean; readonly olderThan?: string } };
  readonly import?: { readonly maps?: Readonly<Record<string, ImportMap>> };
  /** An id such as `static-v2`, `hash-v1` or `static-v2+hash.5`, or a description. @defaultValue `static-v2` */
  readonly embedder?: string | EmbedderSettings;
  readonly privacy?: PrivacySettings;
  /** By the trainer's name; each trainer knows its own settings. */
  readonly trainers?: Readonly<Record<string, JsonObject>>;
  /** Paths or package names. */
  readonly plugins?: readonly string[];
  readonly metrics?: { readonly datasetLabels?: boolean };
}

const place = z.exactOptional(z.string().min(1));

const embedderMembers: Readonly<Record<EmbedderSettings["kind"], { readonly needs: readonly string[]; readonly may: readonly string[] }>> =
  {
    static: { needs: [], may: ["path", "hashWeight"] },
    hash: { needs: [], may: [] },
    transformers: { needs: ["path"], may: ["model"] },
    endpoint: { needs: ["url", "model"], may: ["dimensions", "keyFrom", "pricePerMillion"] },
  };

const embedderSettings: z.ZodType<EmbedderSettings> = strictObject({
  kind: z.enum(["static", "hash", "transformers", "endpoint"]),
  path: place,
  url: z.exactOptional(
    z
      .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
      .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), "must hold no password: keyFrom names the variable of a key"),
  ),
  model: place,
  dimensions: z.exactOptional(z.int().min(1).max(65_536)),
  keyFrom: z.exactOptional(z.string().regex(/^[A-Za-z_]\w*$/, "must be the name of an environment variable, not a key")),
  pricePerMillion: z.exactOptional(z.number().min(0)),
  hashWeight: z.exactOptional(z.number().gt(0).max(1)),
}).superRefine((settings, context) => {
  const { needs, may } = embedderMembers[settings.kind];
  const given = Object.keys(settings).filter((key) => key !== "kind");
  const missing = needs.find((key) => !given.includes(key));
  const foreign = given.find((key) => !needs.includes(key) && !may.includes(key));
  if (missing !== undefined) context.addIssue({ code: "custom", message: `an embedder of kind ${settings.kind} needs ${missing}` });
  if (foreign !== undefined) context.addIssue({ code: "custom", message: `an embedder of kind ${settings.kind} has no ${foreign}` });
});

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
  server: z.exactOptional(strictObject({ trustProxy: z.exactOptional(z.array(z.string().min(1))) })),
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
  embedder: z.exactOptional(z.union([z.string().min(1), embedderSettings], { error: tellOfObject })),
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

/** Of what may be a name or an object, the object's own problem: a name is never half right. */
function tellOfObject(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== "invalid_union") return undefined;
  const problem = issue.errors.flat().find(({ path }) => path.length > 0);
  return problem === undefined ? "must be a name or an object with kind" : `${problem.path.join(".")}: ${problem.message}`;
}
