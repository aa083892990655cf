import { describe, expect, test } from "vitest";
import { countDigits, entropy, iban, issuedCard, jwtHeader, luhn, socialSecurity } from "./validators.ts";

describe("luhn", () => {
  test("accepts the test numbers of the card brands", () => {
    for (const number of ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "30569309025904", "6011111111111117"]) {
      expect(luhn(number), number).toBe(true);
    }
  });

  test("refuses a number with one digit changed, and one that is too short", () => {
    expect(luhn("4111 1111 1111 1112")).toBe(false);
    expect(luhn("0")).toBe(false);
  });
});

test("a card needs an issuer: a time in milliseconds and an ISBN have none", () => {
  expect(issuedCard("4111111111111111")).toBe(true);
  expect(issuedCard("213176828496175")).toBe(true);
  expect(issuedCard("1700000000005")).toBe(false);
  expect(issuedCard("9783161484100")).toBe(false);
});

test("an account number is proven in any grouping and either case, and refused with two letters swapped", () => {
  expect(iban("DE89 3704 0044 0532 0130 00")).toBe(true);
  expect(iban("gb82west12345698765432")).toBe(true);
  expect(iban("NO93 8601 1117 947")).toBe(true);
  expect(iban("DE98 3704 0044 0532 0130 00")).toBe(false);
});

test("social security numbers that were never given out are refused, taxpayer numbers are not", () => {
  for (const number of ["000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000", "111-11-1111", "912-34-5678"]) {
    expect(socialSecurity(number), number).toBe(false);
  }
  expect(socialSecurity("123-45-6789")).toBe(true);
  expect(socialSecurity("912-70-5678")).toBe(true);
});

test("a token is proven by a header that names its algorithm", () => {
  expect(jwtHeader("eyJhbGciOiJIUzI1NiJ9.e30.x")).toBe(true);
  expect(jwtHeader("eyJhIjoxfQ.e30.x")).toBe(false);
  expect(jwtHeader("eyJhbGciOiJI.e30.x")).toBe(false);
});

test("entropy is 0 for one sign again and again, and the logarithm of how many there are for all different ones", () => {
  expect(entropy("aaaa")).toBeCloseTo(0);
  expect(entropy("abcdefgh")).toBeCloseTo(3);
  expect(countDigits("a1b22")).toBe(3);
});
