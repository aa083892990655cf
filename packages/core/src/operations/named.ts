import { TilthError } from "../errors.ts";
import { nearest } from "../text/nearest.ts";

/**
 * Finds a listed thing by its name.
 *
 * @throws {@link TilthError} `input/invalid` that names the nearest one.
 */
export function named<T extends { readonly name: string }>(list: readonly T[], name: string, what: string): T {
  const found = list.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const names = list.map((entry) => entry.name);
  const near = nearest(name, names);
  throw new TilthError("input/invalid", {
    where: what,
    problem: `there is none named ${name}${near === undefined ? `; there are ${names.join(", ")}` : `; did you mean ${near}?`}`,
  });
}
