import type { DatabaseSync } from "node:sqlite";
import { hasPhrase } from "../text/phrase.ts";
import { earlierTexts, indexedText } from "./search-words.ts";

/**
 * Gives a SQLite connection the functions that filters need: `has_phrase(text, phrase)`, 1 or 0, null where the text is.
 *
 * Every connection that runs a `filterExpression` calls this once after opening.
 */
export function registerFilterFunctions(database: DatabaseSync): void {
  database.function("has_phrase", { deterministic: true }, (text, phrase) =>
    typeof text === "string" && typeof phrase === "string" ? Number(hasPhrase(text, phrase)) : null,
  );
}

/**
 * Gives the writer's connection the functions that fill the search index: `search_text(text)`, its words with spaces between them,
 * null where the text is; `search_turns(body, …columns)`, what earlier turns say, in the same form.
 */
export function registerSearchFunctions(database: DatabaseSync): void {
  database.function("search_text", { deterministic: true }, (text) => (typeof text === "string" ? indexedText(text) : null));
  database.function("search_turns", { deterministic: true, varargs: true }, (body, ...columns) => {
    const shown = columns.filter((column) => typeof column === "string");
    const texts = earlierTexts(typeof body === "string" ? body : null, shown);
    return texts.length === 0 ? null : indexedText(texts.join("\n"));
  });
}
