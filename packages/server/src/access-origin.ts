import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIPv6 } from "node:net";
import { TilthError } from "@tilth/core";
import type { FastifyRequest } from "fastify";

/** The facts of a request that tell where it came from. */
export interface RequestOrigin {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** What the caller named, as a trusted proxy passes it on; else the header Host. */
  readonly host: string;
  /** Of the socket itself, whatever headers say. */
  readonly remoteAddress: string | undefined;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** True for an address of this machine that no other reaches. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return loopback.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}

/** True where a host to listen on is this machine alone. */
export function isLoopbackHost(host: string): boolean {
  const plain = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return plain === "localhost" || isLoopbackAddress(plain);
}

/** Headers of proxies: what they pass on comes from elsewhere, though their socket is of this machine. */
const forwarding = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] as const;

/**
 * True where the one who asks sits at this machine.
 *
 * The Host header has to name the machine as well: a web page whose name was made to lead here (DNS rebinding) still bears that name.
 */
export function isLocal({ headers, remoteAddress = "" }: Omit<RequestOrigin, "host">): boolean {
  if (!isLoopbackAddress(remoteAddress) || forwarding.some((name) => headers[name] !== undefined)) return false;
  const name = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(headers.host ?? "")?.[1];
  return name !== undefined && isLoopbackHost(name);
}

/**
 * Says why a request may have been made by the page of another site, in whose name a browser sends cookies and reaches this machine.
 *
 * Browsers say where a request comes from: `Sec-Fetch-Site` wherever the connection is trusted, `Origin` with every write. What is no
 * browser sends neither and has nothing to be misused, unless it brought a cookie to write with: then one of them is asked for.
 *
 * @see {@link https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html | OWASP, fetch metadata}
 * @returns undefined where it was not.
 */
export function crossSiteReason(
  { method, headers, host }: Omit<RequestOrigin, "remoteAddress">,
  options: { readonly hasCookie: boolean },
): string | undefined {
  const isSafe = method === "GET" || method === "HEAD";
  const site = headers["sec-fetch-site"];
  if (typeof site === "string") {
    if (site === "same-origin" || site === "none") return undefined;
    // Following a link to here is no misuse: what it shows, the other site cannot read.
    return isSafe && headers["sec-fetch-mode"] === "navigate" ? undefined : `the browser says it is ${site}`;
  }
  const { origin } = headers;
  if (origin === undefined) return isSafe || !options.hasCookie ? undefined : "neither Origin nor Sec-Fetch-Site says where it comes from";
  const from = hostOf(origin)?.host;
  return from !== undefined && from === hostOf(`${protocolOf(origin)}//${host}`)?.host ? undefined : "its Origin is another one";
}

/** Where a request came from. */
export function originOf({ method, headers, host, socket }: FastifyRequest): RequestOrigin {
  return { method, headers, host: host ?? "", remoteAddress: socket.remoteAddress };
}

/**
 * Refuses what the page of another site made a browser send.
 *
 * @throws {@link TilthError} `auth/cross-site`.
 */
export function refuseCrossSite(request: FastifyRequest, options: { readonly hasCookie: boolean }): void {
  const reason = crossSiteReason(originOf(request), options);
  if (reason !== undefined) throw new TilthError("auth/cross-site", { reason });
}

function protocolOf(origin: string): string {
  return origin.startsWith("https:") ? "https:" : "http:";
}

function hostOf(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
