import { assetUrl } from "../asset.ts";

/** A pack that comes with Tilth. */
export interface ShippedPack {
  readonly name: string;
  /** What it is for, in one sentence. */
  readonly title: string;
  readonly file: URL;
}

/** The shipped packs; each is one YAML file beside this list. */
export const packs: readonly ShippedPack[] = [
  { name: "social", title: "posts of one account: freshness, engagement, archive", file: assetUrl(import.meta.url, "./social.yaml") },
  { name: "intents", title: "intents, sentiments and entities of short texts", file: assetUrl(import.meta.url, "./intents.yaml") },
  {
    name: "assistant",
    title: "an assistant that learns from corrections and a larger model",
    file: assetUrl(import.meta.url, "./assistant.yaml"),
  },
  { name: "roofing", title: "a model for roofing and waterproofing", file: assetUrl(import.meta.url, "./roofing.yaml") },
  {
    name: "insights",
    title: "insights drawn from articles, and what readers do with them",
    file: assetUrl(import.meta.url, "./insights.yaml"),
  },
];
