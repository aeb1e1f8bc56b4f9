// What servers may or may not have, by name: cases need them, probes find them, callers may say
// them. No rule here: run/capabilities.ts finds out.

/**
 * What a server may or may not have; probed before the first case, or told by the caller. Three
 * can only be told: hosts of basins by their zone, a drain by what begins it, limits of rates by
 * demanding them.
 */
export const CAPABILITIES = [
  "access-tokens",
  "auth",
  "basin-zone",
  "browser-guard",
  "clear-text",
  "draining",
  "encryption",
  "event-source",
  "http2",
  "locations",
  "metrics",
  "otlp",
  "path-basins",
  "rate-limits",
  "tls",
  "websocket",
] as const;

/** What a server may have or leave out; cases that need it are skipped where it is absent. */
export type Capability = (typeof CAPABILITIES)[number];
