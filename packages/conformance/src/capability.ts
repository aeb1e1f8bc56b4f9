// What servers may or may not have, by name: cases need them, probes find them, callers may say
// them. No rule here: run/capabilities.ts finds out.

/** What a server may or may not have; probed before the first case, or told by the caller. */
export const CAPABILITIES = [
  "access-tokens",
  "auth",
  "browser-guard",
  "clear-text",
  "encryption",
  "http2",
  "locations",
  "metrics",
  "path-basins",
  "tls",
  "websocket",
] as const;

export type Capability = (typeof CAPABILITIES)[number];
