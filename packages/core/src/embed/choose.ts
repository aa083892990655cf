import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TilthError } from "../errors.ts";
import type { EmbedderSettings } from "../schema/config.ts";
import type { Embedder } from "../schema/embedder.ts";
import { openEndpointEmbedder } from "./endpoint.ts";
import { hashEmbedder } from "./hash.ts";
import { nearestEmbedder } from "./nearest.ts";
import { openStaticEmbedder } from "./static.ts";
import { openTransformersEmbedder } from "./transformers.ts";

export interface OpenEmbedderOptions {
  /** Paths of the setting count from here: the folder of `tilth.yaml`. */
  readonly folder: string;
  /** Where the key of an endpoint is looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For networks, which do not know their own: what `measureBackground` found and an index stored. */
  readonly backgroundCosine?: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens the embedder that `tilth.yaml` names under `embedder`.
 *
 * Nothing takes the place of one that cannot be opened, since vectors of two embedders never meet: the caller may choose another.
 *
 * @param setting - Absent: `static-v2`.
 * @throws {@link TilthError} `embed/unknown` for an unknown id, and what the embedders throw: `embed/table-unreadable`,
 *   `embed/package-missing`, `embed/model-missing`, `embed/key-missing`, `embed/endpoint-refused`, `embed/endpoint-failed`, `embed/bad-answer`.
 * @example
 * const embedder = await openEmbedder("static-v2+hash.5", { folder: process.cwd(), environment: process.env });
 */
export async function openEmbedder(setting: string | EmbedderSettings | undefined, options: OpenEmbedderOptions): Promise<Embedder> {
  const settings = typeof setting === "object" ? setting : settingsOf(setting ?? "static-v2");
  return openers[settings.kind](settings, options);
}

type Opener = (settings: EmbedderSettings, options: OpenEmbedderOptions) => Promise<Embedder>;

const openers: Readonly<Record<EmbedderSettings["kind"], Opener>> = {
  static: async ({ path, hashWeight }, { folder }) => {
    const semantic = await openStaticEmbedder(path === undefined ? {} : { table: pathToFileURL(resolve(folder, path)) });
    return hashWeight === undefined ? semantic : nearestEmbedder(semantic, { hashWeight });
  },
  hash: async () => hashEmbedder(),
  transformers: ({ path = ".", model }, { folder, backgroundCosine }) =>
    openTransformersEmbedder({ path: resolve(folder, path), model, backgroundCosine }),
  endpoint: ({ kind, url, model, ...rest }, { environment, backgroundCosine, signal }) => {
    if (url === undefined || model === undefined)
      throw new TilthError("input/invalid", { where: "embedder", problem: `${kind} needs url and model` });
    return openEndpointEmbedder({ ...rest, url, model, environment, backgroundCosine, signal });
  },
};

/** @throws {@link TilthError} `embed/unknown` */
function settingsOf(id: string): EmbedderSettings {
  if (id === "static-v2") return { kind: "static" };
  if (id === "hash-v1") return { kind: "hash" };
  const hashWeight = Number(/^static-v2\+hash(\d*\.?\d+)$/.exec(id)?.[1]);
  if (hashWeight > 0 && hashWeight <= 1) return { kind: "static", hashWeight };
  throw new TilthError("embed/unknown", { name: id });
}
