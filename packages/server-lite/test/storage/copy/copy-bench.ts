// Two stores on simulated media, for copies: a disk that loses what was not synced, a bucket whose
// processes die. Either can be the source, and either the target.

import { S2Error } from "@s2kit/core";
import type { CopiedStore } from "../../../src/storage/copy/copied-store.js";
import type { Mutation, Storage } from "../../../src/storage/storage.js";
import { appendOf, linesOf } from "../../../src/testing/append-source.js";
import { SimulatedStore } from "../crash/simulated-store.js";
import { BenchNode, BucketBench } from "../object/engine/bucket-bench.js";

const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };

/** A medium with a store, opened as often as a test wants. */
export interface Medium {
  readonly open: () => Promise<CopiedStore & { maintain(): Promise<void> }>;
  /** The process that has it dies. */
  die(): void;
  stop(): void;
}

export function diskMedium(): Medium {
  const store = new SimulatedStore();
  let isStopped = false;
  // Its time runs by itself, as that of the bucket does.
  const run = async (): Promise<void> => {
    while (!isStopped) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      store.clock.fireNext();
    }
  };
  void run();
  return {
    open: () => store.open({ maintenance: "automatic", segmentBytes: 256 * 1024 }),
    die: () => store.restart("power"),
    stop: () => {
      isStopped = true;
    },
  };
}

export function bucketMedium(): Medium {
  const bench = new BucketBench();
  let node = new BenchNode("n0");
  let opened = 0;
  return {
    open: () => {
      node = new BenchNode(`n${++opened}`);
      return bench.open(node, { cacheBytes: 0, groupBytes: 16 * 1024, logSlots: 20 });
    },
    die: () => {
      node.isDead = true;
    },
    stop: () => bench.stop(),
  };
}

/** A store whose process dies when it is about to commit. */
export class DyingStore implements CopiedStore {
  isDead = false;
  private left: number;
  private readonly store: CopiedStore;
  private readonly die: () => void;

  /** @param commits - that come through before */
  constructor(store: CopiedStore, commits: number, die: () => void) {
    this.store = store;
    this.left = commits;
    this.die = die;
  }

  get status(): Storage["status"] {
    return this.store.status;
  }
  get failure(): Error | undefined {
    return this.store.failure;
  }
  get ownerEpoch(): number {
    return this.store.ownerEpoch;
  }
  get storeKey(): number {
    return this.store.storeKey;
  }
  get isFresh(): boolean {
    return this.store.isFresh;
  }
  get durable(): number {
    return this.store.durable;
  }

  commit(mutations: readonly Mutation[]): ReturnType<Storage["commit"]> {
    if (this.left-- > 0) return this.store.commit(mutations);
    this.isDead = true;
    this.die();
    throw new S2Error({ code: "storage", message: "the process died" });
  }

  allStreams: CopiedStore["allStreams"] = () => this.store.allStreams();
  whenDurable: Storage["whenDurable"] = (position) => this.store.whenDurable(position);
  onDurable: Storage["onDurable"] = (listener) => this.store.onDurable(listener);
  streamState: Storage["streamState"] = (streamId) => this.store.streamState(streamId);
  read: Storage["read"] = (...args) => this.store.read(...args);
  seekTimestamp: Storage["seekTimestamp"] = (...args) => this.store.seekTimestamp(...args);
  seekWritten: Storage["seekWritten"] = (...args) => this.store.seekWritten(...args);
  getMeta: Storage["getMeta"] = (key) => this.store.getMeta(key);
  scanMeta: Storage["scanMeta"] = (scan) => this.store.scanMeta(scan);
  close = (): Promise<void> => (this.isDead ? Promise.resolve() : this.store.close());
}

/** Fills a store with one stream of every kind, and with metadata. */
export async function fill(store: CopiedStore & { maintain(): Promise<void> }): Promise<void> {
  const create = (streamId: number): Mutation => ({
    kind: "create-stream",
    streamId,
    writtenMs: 7,
  });
  const old = "o".repeat(20_000);
  let last = store.commit([1, 2, 3, 4, 5, 6].map(create));
  for (let each = 0; each < 12; each++)
    last = store.commit([
      appendOf({
        streamId: 1,
        firstSeqNum: 3 * each,
        bodies: [`a${each}`, old, ""],
        writtenMs: 50,
      }),
      appendOf({ streamId: 2, firstSeqNum: each, bodies: [`b${each}`], writtenMs: 60 + each }),
    ]);
  // Sealed records are larger than what they were metered as.
  const sealed = appendOf({ streamId: 3, firstSeqNum: 0, bodies: ["sealed", "sealed too"] });
  sealed.batch.meteredBytes = 17;
  store.commit([sealed]);
  const fence = { fencingToken: "a token", trimPoint: 3, writtenMs: 99 };
  store.commit([appendOf({ streamId: 4, firstSeqNum: 0, bodies: ["x", "y", "z"], ...fence })]);
  store.commit([
    { kind: "trim", streamId: 1, trimPoint: 16 },
    { kind: "drop-stream", streamId: 6 },
  ]);
  for (let page = 0; page < 4; page++)
    last = store.commit(
      Array.from({ length: 300 }, (_, at) => ({
        kind: "put",
        key: Uint8Array.of(1 + page, 0xff, at >> 8, at & 0xff),
        value: Buffer.from(`value ${page} ${at}`),
      })),
    );
  await store.whenDurable(last.position);
  await store.maintain();
  // What no data file has.
  last = store.commit([appendOf({ streamId: 2, firstSeqNum: 12, bodies: ["the last"] })]);
  await store.whenDurable(last.position);
}

/** All that can be read of a store, as text. */
export async function contentOf(store: CopiedStore): Promise<string> {
  const lines: string[] = [];
  for (let streamId = 1; streamId < 10; streamId++) {
    const state = store.streamState(streamId);
    if (state === undefined) continue;
    const batches = await store.read(streamId, 0, ALL);
    lines.push(JSON.stringify([streamId, state]));
    lines.push(...batches.map(({ bytes, ...facts }) => `${JSON.stringify(facts)} ${bytes.length}`));
    lines.push(...linesOf(batches));
    lines.push(String(await store.seekWritten(streamId, 65, 1000)));
  }
  for (const { key, value } of store.scanMeta({ prefix: new Uint8Array(0), limit: 5000 }))
    lines.push(`${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString()}`);
  return lines.join("\n");
}
