import { addressPassword, bearer, genericKey, genericSecret, namedKey, namedSecret, password, pin } from "./assignments.ts";
import { email, phone, url } from "./contact.ts";
import type { Detector } from "./detector.ts";
import { creditCard, iban, socialSecurityNumber } from "./identity.ts";
import { ipv4, ipv6 } from "./network.ts";
import { unixHome, windowsHome } from "./paths.ts";
import { issuedKey, jwt, privateKey } from "./tokens.ts";

/** Every detector the house ships; several may share a type. */
export const detectors: readonly Detector[] = [
  email,
  url,
  jwt,
  issuedKey,
  privateKey,
  addressPassword,
  password,
  pin,
  namedKey,
  genericKey,
  bearer,
  namedSecret,
  genericSecret,
  unixHome,
  windowsHome,
  iban,
  creditCard,
  socialSecurityNumber,
  ipv4,
  ipv6,
  phone,
];

/** What is redacted unless a policy says otherwise: everything that is found, except web addresses, which are content. */
export const redactedTypes: readonly string[] = [
  "EMAIL",
  "PHONE",
  "SSN",
  "CREDIT_CARD",
  "API_KEY",
  "PASSWORD",
  "PATH_USER",
  "IBAN",
  "IP",
  "JWT",
  "PRIVATE_KEY",
  "SECRET",
];
