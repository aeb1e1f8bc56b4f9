// Asks a bucket, at start-up, for the few things that the object engine rests on, and refuses one
// that does not keep them. It refutes and never proves: a store that is right by chance today
// passes. What it writes it removes again.

import { type Clock, encodeUtf8, type Random, S2Error } from "@s2kit/core";
import type { ObjectStore, PutOutcome } from "./object-store.js";

export interface ProbeComponents {
  readonly clock: Clock;
  readonly random: Random;
  /** How far this machine's clock is ahead of the store's, ms; undefined when it is not known. */
  readonly skewMs?: () => number | undefined;
}

/** What was seen of a store that passed. */
export interface ProbeReport {
  /** The whole probe, monotonic ms. */
  readonly tookMs: number;
  /** See {@link ProbeComponents.skewMs}. */
  readonly skewMs: number | undefined;
}

const RACERS = 16;
/** A store that looks first and writes then is caught by luck: several races leave it little. */
const RACES = 3;
/** Signatures are refused from 15 minutes on; retention by age wants less. */
const MAX_SKEW_MS = 60_000;

/**
 * @param store - one that repeats what fails, such as a `SteadyStore`
 * @throws {S2Error} `storage` when the store does not keep what is asked of it, with what was seen
 * @throws {ObjectStoreError} when it does not answer
 */
export async function probeStore(
  store: ObjectStore,
  components: ProbeComponents,
): Promise<ProbeReport> {
  const { clock, random } = components;
  const startedAt = clock.monotonic();
  const folder = `probe/${hexOf(random.bytes(16))}/`;
  const probe = new Probe(store, folder, components);
  try {
    await probe.condition();
    for (let race = 1; race <= RACES; race++) await probe.race(race);
    await probe.range();
    await probe.listing();
    await probe.removal();
    probe.clocks();
  } finally {
    // What cannot be removed is small, and the reason is told by the probe itself.
    await store.delete([...probe.written]).catch(() => undefined);
  }
  return { tookMs: clock.monotonic() - startedAt, skewMs: components.skewMs?.() };
}

class Probe {
  readonly written = new Set<string>();
  private readonly store: ObjectStore;
  private readonly folder: string;
  private readonly components: ProbeComponents;

  constructor(store: ObjectStore, folder: string, components: ProbeComponents) {
    this.store = store;
    this.folder = folder;
    this.components = components;
  }

  /** A key that is absent is taken, and only once. */
  async condition(): Promise<void> {
    if (await this.store.exists(this.keyOf("one")))
      throw refused("it says that an object is there which nobody wrote");
    await this.put("one", "first");
    const again = await this.put("one", "second");
    const kept = await this.read("one");
    if (kept === undefined) throw refused("an object was not there right after it was written");
    if (again.kind === "stored" || kept !== "first")
      throw refused(
        "a second conditional PUT of the same key was granted: it does not keep if-none-match",
      );
  }

  /** Of many that want one key at once, one gets it. */
  async race(number: number): Promise<void> {
    const name = `race-${number}`;
    const outcomes = await Promise.all(
      Array.from({ length: RACERS }, (_, racer) => this.put(name, `racer ${racer}`)),
    );
    const winners = outcomes.flatMap(({ kind }, racer) => (kind === "stored" ? [racer] : []));
    if (winners.length > 1)
      throw refused(`of ${RACERS} racers for one key ${winners.length} were told that they won`);
    const kept = await this.read(name);
    // None: the winner's answer was lost, and its repetition found its own object.
    const [winner] = winners;
    const isTold =
      winner === undefined ? /^racer \d+$/.test(kept ?? "") : kept === `racer ${winner}`;
    if (!isTold)
      throw refused(
        `racer ${winner ?? "(none)"} was told that it won, and the object is ${kept ?? "missing"}`,
      );
  }

  async range(): Promise<void> {
    await this.put("range", "0123456789");
    const key = this.keyOf("range");
    const middle = await this.store.get(key, { offset: 3, length: 4 });
    const end = await this.store.get(key, { offset: 8, length: 100 });
    const read = [middle, end].map((bytes) => textOf(bytes) ?? "nothing").join(" and ");
    if (read !== "3456 and 89")
      throw refused(`ranges of an object are not what was asked for: ${read}`);
  }

  async listing(): Promise<void> {
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.store.list(this.folder, cursor);
      for (const { key } of page.entries) seen.add(key);
      cursor = page.cursor;
    } while (cursor !== undefined && seen.size <= this.written.size);
    const missing = [...this.written].filter((key) => !seen.has(key));
    if (missing.length > 0)
      throw refused(
        `a LIST lacks ${missing.length} of ${this.written.size} objects that were just written`,
      );
  }

  async removal(): Promise<void> {
    await this.store.delete([...this.written]);
    for (const key of this.written)
      if (await this.store.exists(key))
        throw refused("an object was still there after it was removed");
    this.written.clear();
  }

  clocks(): void {
    const skewMs = this.components.skewMs?.();
    if (skewMs === undefined || Math.abs(skewMs) <= MAX_SKEW_MS) return;
    const seconds = Math.round(Math.abs(skewMs) / 1000);
    const way = skewMs > 0 ? "ahead of" : "behind";
    throw refused(
      `this machine's clock is ${seconds} s ${way} the store's: set the one that is wrong`,
    );
  }

  private put(name: string, text: string): Promise<PutOutcome> {
    const key = this.keyOf(name);
    this.written.add(key);
    return this.store.putIfAbsent(key, [encodeUtf8(text)]);
  }

  private async read(name: string): Promise<string | undefined> {
    return textOf(await this.store.get(this.keyOf(name)));
  }

  private keyOf(name: string): string {
    return this.folder + name;
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function refused(what: string): S2Error {
  const message = `this bucket cannot hold a store: ${what}`;
  return new S2Error({ code: "storage", message, origin: "local" });
}
