// Upgrades in crash histories: between two lives a store may be turned back into what format 1 would have
// left, so that the next start upgrades it, with crashes at each step. Knows the steps by name, and holds
// the directory to the promise that an older version never takes a half upgraded one for its own.

import { type Random, randomInteger, seededRandom } from "@s2kit/core";
import type { MemoryStateMedium } from "../../../src/storage/disk/state/memory-state-store.js";
import { openMemoryStateStore } from "../../../src/storage/disk/state/memory-state-store.js";
import type { StateChange } from "../../../src/storage/log/state-store.js";
import { keyToString } from "../../../src/storage/meta-key.js";
import type { FaultyDisk } from "../../../src/testing/faulty-disk.js";
import {
  format1Text,
  isFormat1,
  STATE_FORMAT_KEY,
  storeKeyOf,
  unsealingChanges,
} from "./format-1-codec.js";

export const UPGRADE_CRASH_POINTS: readonly string[] = [
  "upgrade transaction",
  ...["mark", "switch"].flatMap((step) =>
    ["open", "truncate", "write", "writing", "sync", "rename", "sync directory of"].map(
      (call) => `${call} format ${step}`,
    ),
  ),
];

export class Format1Turns {
  readonly random: Random;
  private readonly path: string;
  /** Which replacement of FORMAT runs, in labels. */
  private step: string | undefined;
  private disk!: FaultyDisk;
  private medium!: MemoryStateMedium;

  constructor(seed: number, directory: string) {
    // Chance of its own: histories without an upgrade stay what they are.
    this.random = seededRandom(seed + 0x5eed);
    this.path = `${directory}/FORMAT`;
  }

  attach(disk: FaultyDisk, medium: MemoryStateMedium): void {
    this.disk = disk;
    this.medium = medium;
  }

  /** For labels: says which replacement of FORMAT a call belongs to; the directory sync ends it. */
  readonly roomOf = (path: string): string | undefined => {
    if (path === `${this.path}.new` && this.step === undefined) {
      const text = this.formatText();
      if (isFormat1(text)) this.step = "format mark";
      else if (text.includes(" from=")) this.step = "format switch";
    }
    const { step } = this;
    const isDirectory = `${path}FORMAT` === this.path;
    if (isDirectory) this.step = undefined;
    return isDirectory || path.startsWith(this.path) ? step : undefined;
  };

  labelOf(changes: readonly StateChange[]): string {
    const hasCursor = changes.some(({ key }) => Buffer.compare(key, STATE_FORMAT_KEY) === 0);
    return hasCursor && this.medium.entries.size > 0 ? "upgrade transaction" : "state transaction";
  }

  /** After a restart. @returns whether the next start finds a directory of format 1 */
  turnBack(chance: number): boolean {
    this.step = undefined;
    const text = this.formatText();
    const isToday = text !== "" && !isFormat1(text) && !text.includes(" from=");
    if (!isToday || this.medium.entries.size === 0 || this.random.next() >= chance) return false;
    const storeKey = storeKeyOf(text);
    this.medium.apply(unsealingChanges(openMemoryStateStore(this.medium), storeKey));
    this.disk.place(this.path, Buffer.from(format1Text(storeKey), "utf8"));
    return true;
  }

  /** What an older version would do to the directory as it stands. @returns what is wrong with it */
  offence(): string | undefined {
    const hasSeals = this.medium.entries.has(keyToString(STATE_FORMAT_KEY));
    return hasSeals && isFormat1(this.formatText())
      ? "a version of format 1 would open a state that has seals"
      : undefined;
  }

  /** A crash of a start that upgrades: a third of them between slices. */
  crashPoint(): string {
    if (this.random.next() < 1 / 3) return "upgrade transaction";
    const at = randomInteger(this.random, 0, UPGRADE_CRASH_POINTS.length - 1);
    return UPGRADE_CRASH_POINTS[at] as string;
  }

  sliceEntries(): number {
    return randomInteger(this.random, 1, 12);
  }

  private formatText(): string {
    return this.disk.paths.includes(this.path)
      ? Buffer.from(this.disk.bytesOf(this.path)).toString("utf8")
      : "";
  }
}
