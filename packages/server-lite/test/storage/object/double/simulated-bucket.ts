// A bucket on the simulated clock. Each request takes effect at one moment and is answered at
// another; in between anything may happen. Answers get lost, requests come twice or very late,
// listings come in pages that know nothing of each other, stores turn requests away for every reason
// there is, and fall silent for a while. All by seed: the same one gives the same history.

import type { Random } from "@s2kit/core";
import type { SimulatedClock } from "@s2kit/core/testing";
import {
  type ObjectEntry,
  type ObjectFailure,
  type ObjectPage,
  type ObjectRange,
  type ObjectStore,
  ObjectStoreError,
  type PutOutcome,
} from "../../../../src/storage/object/client/object-store.js";

/** How the bucket behaves; times in ms, probabilities in [0, 1]. */
export interface Weather {
  /** Mean time until a request takes effect, and again until its answer is there. */
  readonly meanMs: number;
  /** A request that takes 25 times as long, and one that takes 20 times that. */
  readonly slow: number;
  readonly verySlow: number;
  /** The answer to a write never comes. */
  readonly lost: number;
  /** Ms after which the client of a lost answer gives up. */
  readonly timeoutMs: number;
  /** A put comes once more, later: a hedge, or a proxy that repeats. */
  readonly twice: number;
  /** A delete comes once more, later. */
  readonly deleteTwice: number;
  /** Turned away without effect. */
  readonly refused: number;
  /** "It exists", of an object that does not. */
  readonly falseExists: number;
  readonly pageEntries: number;
  /** Listings in no order. */
  readonly isUnsorted: boolean;
}

export const CALM: Weather = {
  meanMs: 2,
  slow: 0,
  verySlow: 0,
  lost: 0,
  timeoutMs: 15,
  twice: 0,
  deleteTwice: 0,
  refused: 0,
  falseExists: 0,
  pageEntries: 1000,
  isUnsorted: false,
};

export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Monotonic ms of the effect. */
  readonly putMs: number;
}

/** Who sends requests: a process that may stand still, be cut off, or die. */
export interface Sender {
  readonly name: string;
  readonly isDead: boolean;
  /** Monotonic time of the bucket's clock until which it takes no answers. */
  readonly pausedUntilMs: number;
  /** Until which its requests do not reach the bucket. */
  readonly cutUntilMs: number;
  /** How much later all answers reach it. Default: 0 */
  readonly answerLagMs?: number;
  /** Which failures it meets now, beside those of the weather. */
  readonly failure?: ObjectFailure | undefined;
}

type Operation = "put" | "overwrite" | "get" | "exists" | "list" | "delete";

const REFUSALS: readonly ObjectFailure[] = ["unknown", "busy", "denied", "clock"];

export interface BucketOptions {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly weather: Weather;
  /** Hears each effect, right after it. */
  readonly onPut?: (key: string, bytes: Uint8Array) => void;
  readonly onDelete?: (key: string) => void;
  /** Hears every operation: for replays. */
  readonly log?: ((line: string) => void) | undefined;
}

export class SimulatedBucket {
  readonly objects: Map<string, StoredObject> = new Map();
  weather: Weather;
  /** Requests that took effect, by operation. */
  readonly counts: Record<Operation, number> = {
    put: 0,
    overwrite: 0,
    get: 0,
    exists: 0,
    list: 0,
    delete: 0,
  };
  private readonly options: BucketOptions;

  constructor(options: BucketOptions) {
    this.options = options;
    this.weather = options.weather;
  }

  /** The bucket as one process sees it. */
  clientOf(sender: Sender): ObjectStore {
    return {
      putIfAbsent: (key, parts) => this.put(sender, key, parts),
      overwrite: (key, parts) => this.overwrite(sender, key, parts),
      get: (key, range) => this.get(sender, key, range),
      exists: (key) =>
        this.send(sender, "exists", key, { apply: () => this.objects.has(key), canLose: false }),
      list: (prefix, cursor) => this.list(sender, prefix, cursor),
      delete: (keys) => this.delete(sender, keys),
    };
  }

  /** Takes an object away, as a lifecycle rule does. */
  lose(key: string): void {
    this.objects.delete(key);
  }

  private put(sender: Sender, key: string, parts: readonly Uint8Array[]): Promise<PutOutcome> {
    const bytes = Buffer.concat(parts);
    const apply = (): PutOutcome => {
      if (this.objects.has(key)) return { kind: "exists" };
      this.store(key, bytes);
      return { kind: "stored" };
    };
    const { weather } = this;
    const again = this.chance(weather.twice) ? this.mean(this.chance(0.3) ? 300 : 15) : undefined;
    if (this.chance(weather.falseExists))
      return this.send(sender, "put", key, {
        apply: () => ({ kind: "exists" }),
        canLose: false,
      });
    return this.send(sender, "put", key, { apply, again, canLose: true });
  }

  private overwrite(sender: Sender, key: string, parts: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(parts);
    const apply = (): void => this.store(key, bytes);
    return this.send(sender, "overwrite", key, { apply, canLose: true });
  }

  private get(
    sender: Sender,
    key: string,
    range: ObjectRange | undefined,
  ): Promise<Uint8Array | undefined> {
    const apply = (): Uint8Array | undefined => {
      const bytes = this.objects.get(key)?.bytes;
      const { offset = 0, length = Number.POSITIVE_INFINITY } = range ?? {};
      return bytes === undefined
        ? undefined
        : Uint8Array.from(bytes.subarray(offset, offset + length));
    };
    return this.send(sender, "get", key, { apply, canLose: false });
  }

  private list(sender: Sender, prefix: string, cursor?: string): Promise<ObjectPage> {
    const apply = (): ObjectPage => {
      const { isUnsorted, pageEntries } = this.weather;
      const order = isUnsorted ? mirrored : (key: string): string => key;
      const after = cursor ?? "";
      const keys = [...this.objects.keys()]
        .filter((key) => key.startsWith(prefix) && order(key) > after)
        .sort((a, b) => (order(a) < order(b) ? -1 : 1));
      const page = keys.slice(0, pageEntries);
      const entries: ObjectEntry[] = page.map((key) => ({
        key,
        size: (this.objects.get(key) as StoredObject).bytes.length,
      }));
      const last = page.at(-1);
      return keys.length > page.length && last !== undefined
        ? { entries, cursor: order(last) }
        : { entries };
    };
    return this.send(sender, "list", prefix, { apply, canLose: false });
  }

  private delete(sender: Sender, keys: readonly string[]): Promise<void> {
    const apply = (): void => {
      for (const key of keys) {
        if (!this.objects.delete(key)) continue;
        this.options.onDelete?.(key);
      }
    };
    const again = this.chance(this.weather.deleteTwice) ? this.mean(60) : undefined;
    return this.send(sender, "delete", keys.join(" "), { apply, again, canLose: true });
  }

  /** One request: its effect, its echo, and its answer, each at its own time. */
  private send<T>(
    sender: Sender,
    operation: Operation,
    what: string,
    request: { apply: () => T; again?: number | undefined; canLose: boolean },
  ): Promise<T> {
    const { clock } = this.options;
    const { weather } = this;
    const waitMs = Math.max(sender.cutUntilMs - clock.monotonic(), 0) + this.delay();
    const failure = sender.failure ?? (this.chance(weather.refused) ? this.refusal() : undefined);
    const isLost = request.canLose && this.chance(weather.lost);
    return new Promise<T>((resolve, reject) => {
      const turnAway = (kind: ObjectFailure, why: string): void =>
        reject(new ObjectStoreError(kind, `${why} operation=${operation} key=${what}`));
      clock.setTimer(() => {
        if (failure !== undefined) return this.answer(sender, () => turnAway(failure, "refused"));
        const answer = this.perform(sender, operation, what, request.apply);
        if (!isLost) return this.answer(sender, () => resolve(answer));
        clock.setTimer(
          () => this.answer(sender, () => turnAway("unknown", "no answer")),
          weather.timeoutMs + this.mean(10),
        );
      }, waitMs);
      if (request.again !== undefined && failure === undefined)
        clock.setTimer(
          () => this.perform(sender, operation, `${what} (again)`, request.apply),
          waitMs + request.again,
        );
    });
  }

  private perform<T>(sender: Sender, operation: Operation, what: string, apply: () => T): T {
    this.counts[operation]++;
    const result = apply();
    this.options.log?.(
      `${this.options.clock.monotonic().toFixed(1)} ${sender.name} ${operation} ${what} ${brief(result)}`,
    );
    return result;
  }

  /** Gives an answer to a process, when it gets round to it. */
  private answer(sender: Sender, give: () => void): void {
    const { clock } = this.options;
    const arrive = (): void => {
      if (sender.isDead) return;
      const restMs = sender.pausedUntilMs - clock.monotonic();
      if (restMs > 0) clock.setTimer(arrive, restMs + this.mean(0.5));
      else give();
    };
    clock.setTimer(arrive, this.delay() + (sender.answerLagMs ?? 0));
  }

  private store(key: string, bytes: Uint8Array): void {
    this.objects.set(key, { bytes, putMs: this.options.clock.monotonic() });
    this.options.onPut?.(key, bytes);
  }

  private delay(): number {
    const { meanMs, slow, verySlow } = this.weather;
    return this.mean(meanMs) * (this.chance(slow) ? 25 : 1) * (this.chance(verySlow) ? 20 : 1);
  }

  /** Times are distributed as waiting times are. */
  private mean(ms: number): number {
    return -ms * Math.log(1 - this.options.random.next());
  }

  private chance(probability: number): boolean {
    return probability > 0 && this.options.random.next() < probability;
  }

  private refusal(): ObjectFailure {
    return REFUSALS[Math.floor(this.options.random.next() * REFUSALS.length)] ?? "unknown";
  }
}

/** A total order of keys that has nothing to do with theirs. */
function mirrored(key: string): string {
  return Buffer.from(key, "latin1").reverse().toString("latin1");
}

function brief(result: unknown): string {
  if (result === undefined || result === null) return "-";
  if (result instanceof Uint8Array) return `${result.length} bytes`;
  if (typeof result === "boolean") return result ? "there" : "none";
  if (typeof result !== "object") return "";
  if ("kind" in result) return String(result.kind);
  return "entries" in result && Array.isArray(result.entries)
    ? `${result.entries.length} keys`
    : "";
}
