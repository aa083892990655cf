import type { PostSettings } from "../schema/pack.ts";

/** The length of a post in one word, by the number of its words: document 1's `style`. */
export function styleOf(wordCount: number, { shortMaxWords, mediumMaxWords }: PostSettings): "short" | "medium" | "long" {
  if (wordCount <= shortMaxWords) return "short";
  return wordCount <= mediumMaxWords ? "medium" : "long";
}
