import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

// RFC 3720, appendix B.4.
test.each([
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 ascending bytes", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["32 descending bytes", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ["the digits 1 to 9", Buffer.from("123456789"), 0xe3069283],
  ["nothing", new Uint8Array(0), 0],
])("agrees with the published value of %s", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test("agrees with the definition, a bit at a time, wherever the bytes begin and end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(8), (bytes, from) => {
      expect(crc32c(bytes.subarray(from))).toBe(bitByBit(bytes.subarray(from)));
    }),
  );
});

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (crc ^ byte) >>> 0;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? ((crc >>> 1) ^ 0x82f63b78) >>> 0 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
