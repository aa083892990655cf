import { expect, test } from "vitest";
import { formats } from "@tilth/core";
import { readFormats, writtenFormats } from "./format-names.ts";

test("help names the formats there are", () => {
  expect(writtenFormats).toEqual(formats.filter((format) => format.write !== undefined).map((format) => format.name));
  expect(readFormats).toEqual(formats.filter((format) => format.read !== undefined).map((format) => format.name));
});
