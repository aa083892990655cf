import { TilthError } from "../errors.ts";
import type { Route } from "./route.ts";

/** Before the paths of all operations. */
export const base = "/api/training-data";

/** Where a call goes, and what of its input the address does not say. */
export interface Addressed {
  readonly url: URL;
  readonly rest: Readonly<Record<string, unknown>>;
}

/**
 * The address of a server, as it stands before every path.
 *
 * @throws {@link TilthError} `input/invalid`.
 */
export function serverUrl(text: string): URL {
  const url = URL.parse(text);
  const refuse = (problem: string): TilthError => new TilthError("input/invalid", { where: "url", problem });
  if (url === null) throw refuse("it is no address such as http://127.0.0.1:7420");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw refuse(`a server is reached by http or https, not ${url.protocol.slice(0, -1)}`);
  // Neither is quoted: what stands before the @ is a secret.
  if (url.username !== "" || url.password !== "") throw refuse("it holds a name or a password; a key is given by itself");
  if (url.search !== "" || url.hash !== "") throw refuse("it ends in more than a path");
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

/** An address below the server's own. */
export function urlBelow(server: URL, path: string): URL {
  return new URL(`${server.href.replace(/\/$/, "")}${path}`);
}

/**
 * Puts an input into the path and, where no body takes it, what is left into the query.
 *
 * @throws {@link TilthError} `input/invalid` for what no address can say.
 */
export function addressOf(server: URL, route: Route, input: Readonly<Record<string, unknown>>): Addressed {
  const members = withDataset(route, given(route, input));
  const taken = new Set<string>();
  const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    taken.add(name);
    return encodedPlace(name, members[name]);
  });
  const rest = Object.fromEntries(Object.entries(members).filter(([name]) => !taken.has(name)));
  const url = urlBelow(server, `${base}${path}`);
  if (route.body === "json") return { url, rest };
  for (const [name, value] of Object.entries(rest))
    for (const one of Array.isArray(value) ? value : [value])
      url.searchParams.append(name, typeof one === "object" ? JSON.stringify(one) : String(one));
  return { url, rest: {} };
}

/** What was said, without places of the machine where the operation runs. */
function given({ withheld = [] }: Route, input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const members = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const place = withheld.find((name) => name in members);
  if (place !== undefined)
    throw new TilthError("input/invalid", { where: place, problem: "places on the server cannot be named from here" });
  return members;
}

/** `support@1.2` as the dataset of the path and the version of the query. */
function withDataset({ datasetOfVersion }: Route, members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (datasetOfVersion === undefined) return members;
  const { version, ...others } = members;
  const text = typeof version === "string" ? version : "";
  const at = text.lastIndexOf("@");
  if (at < 0) return { ...others, [datasetOfVersion]: text };
  return { ...others, [datasetOfVersion]: text.slice(0, at), version: text.slice(at + 1) };
}

/** A dot or two as a part of a path would lead elsewhere, however they are escaped. */
function encodedPlace(name: string, value: unknown): string {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  if (text === "") throw new TilthError("input/invalid", { where: name, problem: "it is missing" });
  if (text === "." || text === "..") throw new TilthError("input/invalid", { where: name, problem: `${text} names nothing` });
  return encodeURIComponent(text);
}
