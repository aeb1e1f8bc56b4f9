// How far back metrics look, and what each level has.
// Pure; used by the screen and by what is copied from it.

export const HOUR = 3600_000;
export const RANGES = [
  ["1h", "1 hour", HOUR],
  ["6h", "6 hours", 6 * HOUR],
  ["1d", "1 day", 24 * HOUR],
  ["7d", "7 days", 7 * 24 * HOUR],
  ["30d", "30 days", 30 * 24 * HOUR],
] as const;

export type Level = "account" | "basin" | "stream";

/** What each level has, with the finest interval. Storage has one interval only. */
export const SETS: Readonly<
  Record<Level, readonly (readonly [set: string, title: string, isGauge: boolean])[]>
> = {
  account: [["account-ops", "Operations on the account", false]],
  basin: [
    ["storage", "Stored", true],
    ["append-throughput", "Appended", false],
    ["read-throughput", "Read", false],
    ["append-ops", "Appends", false],
    ["read-ops", "Reads", false],
    ["basin-ops", "Operations on the basin", false],
  ],
  stream: [["storage", "Stored", true]],
};
