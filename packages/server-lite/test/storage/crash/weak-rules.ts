// Weak variants of the rules that the disk engine rests on. Each breaks one promise; the crash
// histories must find every one of them, or they would not find a fault like it either.

import { type EngineRules, STRICT_RULES } from "../../../src/storage/disk/engine/engine-rules.js";
import { StrictConfirmation } from "../../../src/storage/disk/log/group-confirmation.js";
import {
  STRICT_UPGRADE,
  type UpgradeOrder,
} from "../../../src/storage/disk/state/upgrade-order.js";
import type { SealedGroup } from "../../../src/storage/log/group-builder.js";
import { type GroupProof, STRICT_PROOF } from "../../../src/storage/log/group-proof.js";

function withProof(weak: Partial<GroupProof>): EngineRules {
  return { ...STRICT_RULES, proof: { ...STRICT_PROOF, ...weak } };
}

function withUpgrade(weak: Partial<UpgradeOrder>): EngineRules {
  return { ...STRICT_RULES, upgrade: { ...STRICT_UPGRADE, ...weak } };
}

class EarlyConfirmation extends StrictConfirmation {
  override begun(group: SealedGroup): void {
    super.written(group);
  }

  override written(_group: SealedGroup): void {}
}

/** Commits are confirmed before they are written. */
export const ACKS_EARLY: EngineRules = {
  ...STRICT_RULES,
  confirmation: (durability) => new EarlyConfirmation(durability),
};

/** Any group with a header is the next one of the log. */
export const IGNORES_GENERATIONS: EngineRules = withProof({ misfitOf: () => undefined });

/** Rows and payloads are believed as they are. */
export const SKIPS_CHECKSUMS: EngineRules = withProof({
  areRowsWhole: () => true,
  isPayloadWhole: () => true,
});

/** The cursor of an upgrade comes in a transaction of its own. */
export const SPLITS_UPGRADE_SLICES: EngineRules = withUpgrade({
  async writeSlice(store, slice, cursor) {
    await store.write(slice);
    await store.write([cursor]);
  },
});

/** FORMAT says that an upgrade is done before it is. */
export const SWITCHES_FORMAT_FIRST: EngineRules = withUpgrade({
  begin: (format) => format.finish(),
});

/** FORMAT does not say that an upgrade has begun. */
export const SKIPS_FORMAT_MARK: EngineRules = withUpgrade({ begin: () => Promise.resolve() });
