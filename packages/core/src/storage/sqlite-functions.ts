import type { DatabaseSync } from "node:sqlite";
import { hasPhrase } from "../text/phrase.ts";

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
