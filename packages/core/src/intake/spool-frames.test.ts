import fc from "fast-check";
import { expect, test } from "vitest";
import { framesOf, readSegment } from "./spool-frames.ts";

const payload = fc.string({ unit: "binary" }).map((text) => JSON.stringify({ text }));
const some = fc.array(payload, { minLength: 1, maxLength: 8 });
const texts = (payloads: readonly Uint8Array[]): readonly string[] => payloads.map((one) => Buffer.from(one).toString());

test("what was framed is read, in order", () => {
  fc.assert(
    fc.property(some, (payloads) => {
      for (const given of [payloads, payloads.map((one) => Buffer.from(one))]) {
        const read = readSegment(framesOf(given));
        expect([texts(read.payloads), read.damaged, read.tornBytes]).toEqual([payloads, [], 0]);
      }
    }),
  );
});

test("a torn tail is cut at the last whole frame, wherever it tore", () => {
  fc.assert(
    fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (payloads, share) => {
      const last = framesOf(payloads.slice(-1)).length;
      const whole = framesOf(payloads);
      const cut = Math.max(1, Math.ceil(share * last));
      const read = readSegment(whole.subarray(0, whole.length - cut));
      expect(texts(read.payloads)).toEqual(payloads.slice(0, -1));
      expect(read.damaged).toEqual([]);
      expect(read.tornBytes).toBe(last - cut);
    }),
  );
});

test("zeros at the end, as a power cut leaves them, are a torn tail", () => {
  const frames = framesOf(["{}"]);
  const read = readSegment(Buffer.concat([frames, Buffer.alloc(4_096)]));
  expect([texts(read.payloads), read.damaged, read.tornBytes]).toEqual([["{}"], [], 4_096]);
});

test("a damaged byte inside costs the frame it lies in, which is kept, and no other", () => {
  const three = fc.tuple(payload, payload, payload);
  fc.assert(
    fc.property(three, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 255 }), (payloads, share, flip) => {
      const [first, second, third] = payloads.map((one) => framesOf([one]));
      const broken = Buffer.from(second ?? []);
      const at = Math.min(broken.length - 1, Math.floor(share * broken.length));
      broken[at] = (broken[at] ?? 0) ^ flip;
      const read = readSegment(Buffer.concat([first ?? broken, broken, third ?? broken]));
      expect(texts(read.payloads)).toEqual([payloads[0], payloads[2]]);
      expect(Buffer.concat(read.damaged)).toEqual(broken);
      expect(read.tornBytes).toBe(0);
    }),
  );
});
