import type { Json } from "../schema/json.ts";
import type { Queries } from "./storage.ts";

/** Reads what `setSetting` kept; undefined where nothing is. */
export async function readSetting(queries: Queries, key: string): Promise<Json | undefined> {
  const found = await queries.selectFrom("setting").select("value").where("key", "=", key).executeTakeFirst();
  if (found === undefined) return undefined;
  const value: Json = JSON.parse(found.value);
  return value;
}
