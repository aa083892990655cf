import { type Detector, trigger } from "./detector.ts";

/** Addresses of machines, IPv4; loopback, unspecified, multicast, masks and whole networks identify nobody and stay. */
export const ipv4: Detector = {
  type: "IP",
  need: trigger.dotted,
  base: 0.6,
  pattern: /(?<![A-Za-z\d]|\d\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![A-Za-z\d]|\.\d|(?<=\.0)\/\d)/g,
  check: (value) => (/^(?:127|22[4-9]|23\d|255)\.|^0\.0\.0\.0$/.test(value) ? false : undefined),
  against: /^(?:version|versions|v|ver|release|build|firmware|section|chapter|clause|revision|rev)$/i,
};

/** Addresses of machines, IPv6, written out or with `::`. Short forms such as `::1` or the C++ name `f32::add` are not taken. */
export const ipv6: Detector = {
  type: "IP",
  need: trigger.colons,
  base: 0.6,
  pattern:
    /(?<![\w:])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}:(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,5})?)(?![\w:])/g,
  check: (value) => (/^(?:2[0-9a-f]{3}|f[cde][0-9a-f]{2}|64):/i.test(value) || value.split(/:+/).length >= 4 ? undefined : false),
};
