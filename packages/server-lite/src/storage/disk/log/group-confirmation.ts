// When the log confirms what a group holds: once the disk has it, never before. Tests pass an
// earlier one in, to show that crash histories notice the difference.

import { assert } from "@s2kit/core";
import type { Durability } from "../../durability.js";
import type { SealedGroup } from "../../log/group-builder.js";

export interface GroupConfirmation {
  /** The group is about to be written. */
  begun(group: SealedGroup): void;
  /** The disk has the group: a power loss does not take it back. */
  written(group: SealedGroup): void;
}

export class StrictConfirmation implements GroupConfirmation {
  private readonly durability: Durability;

  constructor(durability: Durability) {
    this.durability = durability;
  }

  begun(_group: SealedGroup): void {}

  written(group: SealedGroup): void {
    const { segmentRows, endRow } = group;
    assert(endRow >= segmentRows.durableCount, "what is durable stays so");
    segmentRows.durableCount = endRow;
    this.durability.advance(group.lastPosition);
  }
}
