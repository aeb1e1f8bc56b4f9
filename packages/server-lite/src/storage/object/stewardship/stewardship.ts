// What a node does about each shard now: claim it, stop being after it, or give it away. Decided
// from who lives and what it has itself, by each node alone. Whether a claim may go out is not
// decided here: `take-shard` waits for everybody who could believe to serve. Pure.

import type { Member } from "../membership/membership.js";
import { placed } from "./placement.js";

/**
 * How this node stands to a shard.
 *
 * - `none`: it is nothing to it
 * - `taking`: it waits until it may claim, or claims
 * - `serving`: it has it
 * - `leaving`: it gives it away, or closes what is left of it
 * - `broken`: others must take it for the owner, and it could not say that the shard is free: while
 *   this process lives, nobody else claims
 * - `retaking`: it was broken, and is taken again
 * - `resting`: `broken` or `none`, a while after a try that failed
 */
export type Standing =
  | "broken"
  | "leaving"
  | "none"
  | "resting"
  | "retaking"
  | "serving"
  | "taking";

export type Deed =
  | { readonly kind: "claim"; readonly shard: number }
  | { readonly kind: "withdraw"; readonly shard: number }
  | { readonly kind: "release"; readonly shard: number };

export interface Situation {
  /** Monotonic ms. */
  readonly nowMs: number;
  readonly self: string;
  /** See `Membership`. */
  readonly isSure: boolean;
  readonly living: readonly Member[];
  /** By number of the shard. */
  readonly standings: readonly Standing[];
  /** When the last release began; undefined before the first. */
  readonly releasedMs: number | undefined;
}

export interface StewardshipRules {
  /** See {@link placed}. */
  placed(shard: number, members: readonly Member[]): string | undefined;
  /**
   * Between two releases, ms: those who take them over should not all be busy with that at once.
   */
  readonly releaseGapMs: number;
}

export const STRICT_STEWARDSHIP: StewardshipRules = { placed, releaseGapMs: 1000 };

export function deedsOf(
  situation: Situation,
  rules: StewardshipRules = STRICT_STEWARDSHIP,
): readonly Deed[] {
  const { living, self, isSure, standings } = situation;
  if (!isSure || !living.some(({ node }) => node === self)) return [];
  let mayRelease = isReleaseDue(situation, rules);
  return standings.flatMap((standing, shard): readonly Deed[] => {
    const isOurs = rules.placed(shard, living) === self;
    if (standing === "none" && isOurs) return [{ kind: "claim", shard }];
    if (standing === "taking" && !isOurs) return [{ kind: "withdraw", shard }];
    // Only this process can claim it: then it gives it away, if it is another's.
    if (standing === "broken" && !isServedElsewhere(shard, situation))
      return [{ kind: "claim", shard }];
    if (standing === "retaking" && isServedElsewhere(shard, situation))
      return [{ kind: "withdraw", shard }];
    if (standing !== "serving" || isOurs || !mayRelease) return [];
    mayRelease = false;
    return [{ kind: "release", shard }];
  });
}

/** One at a time, and not in a burst. */
function isReleaseDue(
  { nowMs, releasedMs, standings }: Situation,
  { releaseGapMs }: StewardshipRules,
): boolean {
  if (standings.includes("leaving")) return false;
  return releasedMs === undefined || nowMs - releasedMs >= releaseGapMs;
}

/** Its release came through after all. */
function isServedElsewhere(shard: number, { living, self }: Situation): boolean {
  return living.some(({ node, shards }) => node !== self && shards.includes(shard));
}
