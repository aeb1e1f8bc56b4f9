// Mutates the inputs of one entry for a time. Inputs whose outcome has a new word join the pool that later
// ones are made of; finds are made small and told once for each place. Memory is looked at between inputs.

import { type Random, seededRandom } from "@s2kit/core";
import { type Entry, wordOf } from "./entry.js";
import { minimise } from "./minimise.js";
import { Mutator } from "./mutator.js";
import { type Find, placeOf, tryInput } from "./try-input.js";

export interface CampaignOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Stops after so many inputs; default: never. */
  readonly inputs?: number;
  readonly now: () => number;
  /** Shows what is being fed, to whoever watches for a hang. */
  onInput?(bytes: Uint8Array): void;
}

export interface FoundInput {
  readonly find: Find;
  readonly bytes: Uint8Array;
  readonly name: string;
}

export interface NewInput {
  readonly word: string;
  readonly bytes: Uint8Array;
}

export interface CampaignResult {
  readonly inputs: number;
  readonly words: number;
  readonly found: readonly FoundInput[];
  /** The first input of each word that no kept input has. */
  readonly fresh: readonly NewInput[];
}

const MEMORY_EVERY = 512;
/** What a batch of small inputs may leave, or hold at its end: garbage of the young generation. */
const MAX_GROWTH_BYTES = 384 * 1024 * 1024;
const MAX_POOL = 2000;
const MAX_FOUND = 20;

export class Campaign {
  readonly #entry: Entry;
  readonly #options: CampaignOptions;
  readonly #random: Random;
  readonly #words = new Set<string>();
  readonly #places = new Set<string>();
  readonly #fresh: NewInput[] = [];
  readonly #found: FoundInput[] = [];
  #pool: Uint8Array[] = [];
  #inputs = 0;

  constructor(entry: Entry, options: CampaignOptions) {
    this.#entry = entry;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  /** @param kept - inputs to begin with; those that find something are told too */
  async run(kept: readonly Uint8Array[]): Promise<CampaignResult> {
    const { seconds, inputs = Number.POSITIVE_INFINITY, now } = this.#options;
    for (const bytes of kept) await this.#feed(bytes, false);
    const mutator = new Mutator(this.#entry, this.#random);
    const end = now() + seconds * 1000;
    let heldBefore = held();
    while (now() < end && this.#inputs < inputs && this.#found.length < MAX_FOUND) {
      const source = this.#pool[this.#at(this.#pool.length)] ?? new Uint8Array(0);
      await this.#feed(mutator.next(source, this.#pool), true);
      if (this.#inputs % MEMORY_EVERY !== 0) continue;
      const heldNow = held();
      if (heldNow - heldBefore > MAX_GROWTH_BYTES) this.#tellGrowth(heldNow - heldBefore, source);
      heldBefore = heldNow;
    }
    return {
      inputs: this.#inputs,
      words: this.#words.size,
      found: this.#found,
      fresh: this.#fresh,
    };
  }

  async #feed(bytes: Uint8Array, isNew: boolean): Promise<void> {
    this.#inputs++;
    this.#options.onInput?.(bytes);
    const verdict = await tryInput(this.#entry, bytes);
    if (verdict.kind === "found") {
      await this.#tell(verdict.find, bytes);
      return;
    }
    if (!isNew) this.#pool.push(bytes);
    if (this.#words.has(verdict.word)) return;
    this.#words.add(verdict.word);
    if (!isNew) return;
    this.#fresh.push({ word: verdict.word, bytes });
    this.#pool.push(bytes);
    if (this.#pool.length > MAX_POOL) this.#pool = this.#pool.slice(-MAX_POOL);
  }

  async #tell(find: Find, bytes: Uint8Array): Promise<void> {
    const place = placeOf(find);
    if (this.#places.has(place)) return;
    this.#places.add(place);
    const small = await minimise(bytes, async (candidate) => {
      this.#options.onInput?.(candidate);
      const verdict = await tryInput(this.#entry, candidate);
      return verdict.kind === "found" && placeOf(verdict.find) === place;
    });
    this.#found.push({ find, bytes: small, name: `found-${wordOf(find.what)}` });
  }

  #tellGrowth(bytes: number, source: Uint8Array): void {
    const what = `${Math.round(bytes / 2 ** 20)} MiB more are held after ${MEMORY_EVERY} inputs`;
    const find: Find = { kind: "memory", what, trace: "" };
    this.#found.push({ find, bytes: source, name: "found-memory" });
  }

  #at(length: number): number {
    return Math.floor(this.#random.next() * length);
  }
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
