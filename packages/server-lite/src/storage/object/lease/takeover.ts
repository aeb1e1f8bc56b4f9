// Whether a shard may be claimed, and whether it still may once the claim is taken. Everybody who
// could believe to serve it must be silent: the owner, and each who claimed above it without
// opening. Nobody judges others while it has no lease of its own: then it may be the one that is
// cut off. Pure but for what it is told.

import type { Decision } from "../claim/decision.js";
import { type Owner, ownerText } from "../format/manifest-entry.js";
import type { SeenLeases, SilenceWatch } from "./silence-watch.js";

/** What a claim goes out with: those who had to be silent, and what they showed last. */
export type Silences = ReadonlyMap<string, number | undefined>;

export interface TakeoverRules {
  /** Those who must be silent before the shard is claimed. */
  suspectsOf(decision: Decision): readonly Owner[];
  /** Whether they are so still, after the epoch was taken. */
  areUnchanged(silences: Silences, leases: SeenLeases): boolean;
}

export const STRICT_TAKEOVER: TakeoverRules = {
  suspectsOf: ({ suspects }) => suspects,
  areUnchanged: (silences, leases) =>
    [...silences].every(([holder, seq]) => leases.get(holder) === seq),
};

/**
 * @param self - the own incarnation, which never has to be silent for itself
 * @returns what to look at again after the claim, or undefined when somebody may still serve
 */
export function mayClaim(
  decision: Decision,
  watch: SilenceWatch,
  self: Owner,
  { nowMs, rules = STRICT_TAKEOVER }: { readonly nowMs: number; readonly rules?: TakeoverRules },
): Silences | undefined {
  const silences = new Map<string, number | undefined>();
  let areSilent = true;
  for (const owner of rules.suspectsOf(decision)) {
    const holder = ownerText(owner);
    if (holder === ownerText(self)) continue;
    watch.expect(holder, nowMs);
    areSilent &&= watch.isSilent(holder);
    silences.set(holder, watch.seqOf(holder));
  }
  return areSilent ? silences : undefined;
}
