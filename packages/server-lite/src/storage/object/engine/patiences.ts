// All who wait for the bucket while a store, or one shard of it, is opened: each ends with its
// engine, all of them with an opening that is stopped. Used by `open-owned-storage`.

import { OpeningSilence, type Silence } from "../claim/opening-silence.js";
import { Patience } from "../claim/patience.js";
import type { ObjectSettings } from "./object-options.js";

/** All that wait for the bucket while a store is opened. */
export class Patiences {
  private readonly settings: ObjectSettings;
  private readonly opening: OpeningSilence;
  private readonly all: Patience[] = [];

  constructor(settings: ObjectSettings, onSilence: ((silence: Silence) => void) | undefined) {
    this.settings = settings;
    this.opening = new OpeningSilence(settings.clock, onSilence);
  }

  next(): Patience {
    const { clock, random, firstWaitMs, maxWaitMs } = this.settings;
    const { opening } = this;
    const patience = new Patience({ clock, random, firstWaitMs, maxWaitMs, opening });
    this.all.push(patience);
    return patience;
  }

  /** From now on each waits as long as it is told. */
  opened(): void {
    this.opening.end();
  }

  end(): void {
    for (const patience of this.all) patience.end();
  }
}
