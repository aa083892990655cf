import { z } from "zod";
import { measureBackground, withBackground } from "../embed/background.ts";
import { openEmbedder } from "../embed/choose.ts";
import type { Config } from "../schema/config.ts";
import type { Embedder } from "../schema/embedder.ts";
import { readSetting } from "../storage/settings.ts";
import type { Storage } from "../storage/storage.ts";
import { activeTexts } from "./freshness-rows.ts";

const SETTING = "embedder.background";
/** Fewer texts say too little about how alike unrelated ones are. */
const LEAST_TEXTS = 100;
const MOST_TEXTS = 1_000;

/** An embedder that is told beforehand which texts it will be asked for one by one. */
export interface PrimedEmbedder extends Embedder {
  /** Embeds them together, which for a network is one request instead of many; forgets those of the call before. */
  prime(texts: readonly string[]): Promise<void>;
}

export interface EmbedderPlace {
  readonly storage: Storage;
  readonly config: Pick<Config, "embedder">;
  /** Of `tilth.yaml`. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the workspace's embedder. For one that does not know its background, that is measured once on the pool's texts and kept.
 *
 * @throws {@link TilthError} what `openEmbedder` throws.
 */
export async function openPoolEmbedder({ storage, config, root, environment, signal }: EmbedderPlace): Promise<PrimedEmbedder> {
  const embedder = await openEmbedder(config.embedder, { folder: root, environment, ...(signal === undefined ? {} : { signal }) });
  if (embedder.backgroundCosine !== 0) return primed(embedder);
  const background = await backgroundOf(embedder, storage);
  return primed(background === undefined ? embedder : withBackground(embedder, background));
}

/** Serves single texts out of what was embedded together. */
export function primed(embedder: Embedder): PrimedEmbedder {
  const { id, version, dimensions, backgroundCosine } = embedder;
  let places: ReadonlyMap<string, number> = new Map();
  let vectors: Int8Array | Float32Array = new Int8Array(0);
  return {
    id,
    version,
    dimensions,
    backgroundCosine,
    async prime(texts) {
      const distinct = [...new Set(texts)];
      vectors = await embedder.embed(distinct);
      places = new Map(distinct.map((text, place) => [text, place]));
    },
    async embed(texts) {
      const [only = ""] = texts;
      const place = texts.length === 1 ? places.get(only) : undefined;
      return place === undefined ? embedder.embed(texts) : vectors.subarray(place * dimensions, (place + 1) * dimensions);
    },
  };
}

const backgrounds = z.record(z.string(), z.number());

async function backgroundOf(embedder: Embedder, storage: Storage): Promise<number | undefined> {
  const name = `${embedder.id} ${embedder.version}`;
  const known = backgrounds.safeParse(await storage.read(({ queries }) => readSetting(queries, SETTING))).data ?? {};
  if (known[name] !== undefined) return known[name];
  const texts = new Set<string>();
  for await (const page of activeTexts(storage, {})) {
    for (const { text } of page) texts.add(text);
    if (texts.size >= MOST_TEXTS) break;
  }
  if (texts.size < LEAST_TEXTS) return undefined;
  const measured = await measureBackground(embedder, texts);
  if (measured !== undefined) await storage.setSetting(SETTING, { ...known, [name]: measured });
  return measured;
}
