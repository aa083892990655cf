import type { RateLimitPluginOptions } from "@fastify/rate-limit";
import { TilthError } from "@tilth/core";
import type { FastifyRequest } from "fastify";

/** Requests a minute. */
export interface Rates {
  /** Of one key, or of one user. @defaultValue 60_000 */
  readonly caller?: number;
  /** Of one address, by those who are not known. @defaultValue 600 */
  readonly stranger?: number;
}

/** Counts requests by who is known, else by address; of IPv6 the network that a household has counts as one. */
export function rateLimits(
  { caller = 60_000, stranger = 600 }: Rates,
  whoIs: (request: FastifyRequest) => Promise<string | undefined>,
): RateLimitPluginOptions {
  return {
    global: true,
    timeWindow: 60_000,
    keyGenerator: async (request: FastifyRequest) => (await whoIs(request)) ?? `address ${networkOf(request.ip)}`,
    max: (_request, who) => (who.startsWith("address ") ? stranger : caller),
    errorResponseBuilder: (_request, { max, ttl }) =>
      new TilthError("auth/too-many-requests", { limit: max, seconds: Math.ceil(ttl / 1_000) }),
  };
}

/** An IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
  if (!plain.includes(":")) return plain;
  const [start = "", end] = plain.split("%")[0]?.split("::") ?? [];
  const groups = start === "" ? [] : start.split(":");
  const rest = end === undefined || end === "" ? [] : end.split(":");
  const whole =
    end === undefined ? groups : [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => "0"), ...rest];
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
