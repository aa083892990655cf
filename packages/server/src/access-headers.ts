import type { FastifyHelmetOptions } from "@fastify/helmet";

/** What pages of this server may do: load what it serves itself, and nothing else. No inline script or style. */
export const securityHeaders: FastifyHelmetOptions = {
  global: true,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Other hosts of the same domain are none of our business.
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  xFrameOptions: { action: "deny" },
  // Not `no-referrer`: a form of our own would then say that its Origin is null.
  referrerPolicy: { policy: "same-origin" },
};
