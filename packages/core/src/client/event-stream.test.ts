import fc from "fast-check";
import { expect, test } from "vitest";
import { createParser } from "./event-stream.ts";

const stream = [
  "retry: 2000\nid: 7\nevent: begin\ndata: {}\n\n",
  ": still here\n\n",
  "event: change\r\ndata: one\r\ndata:two\r\n\r\n",
  "id: 8\r\rdata: last\r\r",
  "event: never ended\ndata: x\n",
].join("");

const events = [
  { event: "begin", data: "{}", id: "7" },
  { event: "change", data: "one\ntwo", id: "7" },
  { event: "message", data: "last", id: "8" },
];

test("reads events, whatever ends their lines, and leaves out what is not whole", () => {
  expect(createParser().push(stream)).toEqual(events);
});

test("gives the same events however the text is cut", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const parser = createParser();
      const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const pieces = places.slice(1).map((end, index) => stream.slice(places[index], end));
      expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(events);
    }),
  ));
