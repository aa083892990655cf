import fc from "fast-check";

const pieces = [
  "jane@example.org", "@", "a@b.", "https://x.org/a?token=", "www.x.org", "postgres://u:p4ss@h/", "(123) 456-7890", "+1 415 555 2671", "467 3395",
  "123-45-6789", "1234-5678-9012-3456", "4111111111111111", "DE89 3704 0044 0532 0130 00", "192.168.1.10", "2001:db8::1:2:3", "::", "1.2.3.4",
  "password: ", "pwd=", "api_key: ", "key: ", "\"token\": \"", "secret123", "sk-4fJq8Zr1Lk2Vn3Bm5Xc6Q", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "AKIAIOSFODNN7EXAMPLE",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "/Users/david/", "C:\\Users\\jane\\", "/home/x",
  "Bearer ", "Authorization: ", "phone ", "call ", "order ", "number ", "card ", "[REDACTED_EMAIL]", "[REDACTED_PASSWORD]", "[REDACTED_", "x12", "ext. 4", "2024-01-15", "😀", "é", "\n", "\"", "'", ",", ".", "-", " ", "=", ":",
];

/** Texts that consist of what detectors look for, of halves of it, and of noise, glued together in every way. */
export const roughText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...pieces) },
      { weight: 2, arbitrary: fc.constantFrom(" ", " ", ", ", "") },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(..."0123456789 -.()+/x:"), maxLength: 24 }) },
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(""));
