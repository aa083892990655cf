import { isIP } from "node:net";
import { TilthError } from "@tilth/core";

const names: ReadonlySet<string> = new Set(["loopback", "linklocal", "uniquelocal"]);

/**
 * The proxies whose word is taken for where a request came from: addresses, networks such as `10.0.0.0/8`, or `loopback`.
 *
 * @throws {@link TilthError} `input/invalid` for what is none of these: one that is misread would be trusted, or not.
 */
export function trustedProxies(given: readonly string[]): string[] {
  return given.map((text) => {
    const address = text.trim();
    const [ip = "", bits, ...rest] = address.split("/");
    const version = isIP(ip);
    const isNetwork = bits === undefined || (rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
    if (names.has(address) || (version !== 0 && isNetwork)) return address;
    throw new TilthError("input/invalid", {
      where: "trusted proxies",
      problem: `${JSON.stringify(text)} is no address, no network such as 10.0.0.0/8, and not loopback`,
    });
  });
}
