// The rules that the promises of the disk engine rest on, as it is given them: what of the log is
// believed, when a commit is confirmed, in which order an upgrade goes. There is one strict set;
// weaker ones exist in tests only, which prove that crash histories find them.

import type { Durability } from "../../durability.js";
import { type GroupProof, STRICT_PROOF } from "../../log/group-proof.js";
import { type GroupConfirmation, StrictConfirmation } from "../log/group-confirmation.js";
import { STRICT_UPGRADE, type UpgradeOrder } from "../state/upgrade-order.js";

export interface EngineRules {
  readonly proof: GroupProof;
  readonly upgrade: UpgradeOrder;
  confirmation(durability: Durability): GroupConfirmation;
}

export const STRICT_RULES: EngineRules = {
  proof: STRICT_PROOF,
  upgrade: STRICT_UPGRADE,
  confirmation: (durability) => new StrictConfirmation(durability),
};
