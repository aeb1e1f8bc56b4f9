// Histories of a node with several shards over a simulated bucket: basins come, change and go, streams in
// them too, while the process dies at any moment, between any two of its shards. What was
// acknowledged must be so for whoever asks any shard, and the shards must agree when they have had
// time to. By seed.

import { decodeUtf8Lossy, encodeUtf8, type Random, randomInteger, S2Error } from "@s2kit/core";
import { COPIED_KINDS } from "../../../src/backend/account/copied-rows.js";
import { Backend } from "../../../src/backend/backend.js";
import { ACCOUNT_CHANGE } from "../../../src/backend/catalog/keys/account-change.js";
import { DELETED_BASIN, LEAVING_BASIN } from "../../../src/backend/catalog/keys/deletion-mark.js";
import type { AskedShards } from "../../../src/backend/shards/asked-shards.js";
import type { ObjectStorage } from "../../../src/storage/object/engine/object-storage.js";
import { BenchNode, BucketBench } from "../../storage/object/engine/bucket-bench.js";

const SHARDS = 3;
const LIVES = 5;
const BASINS = ["basin-a", "basin-b"] as const;
const STREAMS = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"] as const;
const ACTORS = 3;

/** What is known of a basin from acknowledgements. */
interface KnownBasin {
  /** Exists for certain, is going, does not exist, or nobody knows. */
  state: "there" | "going" | "gone" | "unknown";
  /** Of the configuration; undefined while nobody knows. */
  age: number | undefined;
  /** Streams that exist for certain. */
  readonly streams: Set<string>;
  /** Streams that may exist, in this one and not in one of the same name before. */
  readonly maybe: Set<string>;
  /** Streams that are being made now. */
  readonly making: string[];
  /** Changes of the basin itself that are under way, and that ever began. */
  busy: number;
  began: number;
}

export interface AccountResult {
  readonly deaths: number;
  readonly acked: number;
  readonly freed: number;
  readonly lists: number;
}

class Life {
  readonly node: BenchNode;
  readonly backend: Backend;
  readonly storages: readonly ObjectStorage[];

  constructor(node: BenchNode, backend: Backend, storages: readonly ObjectStorage[]) {
    this.node = node;
    this.backend = backend;
    this.storages = storages;
  }
}

class AccountHistory {
  private readonly bench: BucketBench;
  private readonly random: Random;
  private readonly known = new Map<string, KnownBasin>();
  private ages = 0;
  /** What the background of a living process could not do. */
  private trouble: S2Error | undefined = undefined;
  readonly result = { deaths: 0, acked: 0, freed: 0, lists: 0 };

  constructor(seed: number) {
    this.bench = new BucketBench({ slow: 0.1, lost: seed % 2 === 0 ? 0.05 : 0 }, seed);
    this.random = this.bench.random;
    for (const basin of BASINS) this.known.set(basin, fresh());
  }

  async run(): Promise<AccountResult> {
    try {
      for (let life = 0; life < LIVES; life++) await this.live(life);
      await this.rest();
      return this.result;
    } finally {
      this.bench.stop();
    }
  }

  private async start(life: number): Promise<Life> {
    const node = new BenchNode(`n${life}`);
    const storages = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) =>
        this.bench.open(node, { shards: SHARDS, shard, closeGraceMs: 500 }),
      ),
    );
    const backend = new Backend(
      { appendInflightBytes: 1 << 20 },
      {
        storage: storages,
        clock: this.bench.clock,
        random: this.random,
        onBackgroundError: (error) => {
          if (!node.isDead) this.trouble ??= S2Error.from(error);
        },
      },
    );
    this.requireCopies(backend);
    return new Life(node, backend, storages);
  }

  /** One process from its start to its death. */
  private async live(number: number): Promise<void> {
    const life = await this.start(number);
    const steps = randomInteger(this.random, 5, 25);
    let isOver = false;
    const deathMs = randomInteger(this.random, 5, 400);
    const timer = this.bench.clock.setTimer(() => {
      if (this.random.next() < 0.7) this.kill(life);
    }, deathMs);
    await Promise.all(
      Array.from({ length: ACTORS }, async () => {
        for (let step = 0; step < steps && !life.node.isDead && !isOver; step++)
          await this.step(life);
      }),
    );
    isOver = true;
    timer.cancel();
    if (this.trouble !== undefined) throw this.trouble;
    this.kill(life);
    await life.backend.close();
  }

  private kill({ node, storages }: Life): void {
    if (node.isDead) return;
    node.isDead = true;
    this.result.deaths++;
    for (const storage of storages) storage.fail(new Error("killed"));
  }

  private step(life: Life): Promise<void> {
    const basin = this.pick(BASINS);
    const stream = this.pick(STREAMS);
    const pick = this.random.next();
    if (pick < 0.15) return this.create(life, basin);
    if (pick < 0.25) return this.remove(life, basin);
    if (pick < 0.4) return this.reconfigure(life, basin);
    if (pick < 0.75) return this.createStream(life, basin, stream);
    if (pick < 0.85) return this.removeStream(life, basin, stream);
    return this.list(life, basin);
  }

  private async create(life: Life, basin: string): Promise<void> {
    const known = this.of(basin);
    const { outcome, isAlone, before } = await this.changeBasin(life, known, () => {
      life.backend.basins.create({ basin });
      // Whatever was in the one before is gone, or it could not be made.
      known.maybe.clear();
      for (const stream of known.making) known.maybe.add(stream);
    });
    if (!isAlone) return;
    if (outcome === "done") {
      if (before === "there") throw new Error(`${basin} was there, and could be made`);
      if (before === "going") this.result.freed++;
      known.state = "there";
    }
    if (outcome === "resource_already_exists" && before === "gone")
      throw new Error(`${basin} was gone, and is there`);
    if (outcome === "basin_deletion_pending" && before === "there")
      throw new Error(`${basin} was there, and is going`);
    if (isRefusal(outcome)) known.state = before;
  }

  private async remove(life: Life, basin: string): Promise<void> {
    const known = this.of(basin);
    const { outcome, isAlone, before } = await this.changeBasin(life, known, () => {
      known.streams.clear();
      life.backend.basins.delete(basin);
    });
    if (!isAlone) return;
    if (outcome === "basin_not_found" && before === "there") throw lost(basin);
    if (outcome === "done") known.state = "going";
    if (isRefusal(outcome)) known.state = before;
  }

  private async reconfigure(life: Life, basin: string): Promise<void> {
    const known = this.of(basin);
    const age = 3600 + ++this.ages;
    const { outcome, isAlone, before } = await this.changeBasin(life, known, () => {
      const defaultStreamConfig = { retentionPolicy: { ageSecs: age } };
      life.backend.basins.reconfigure(basin, { defaultStreamConfig });
    });
    if (!isAlone) return;
    if (outcome === "basin_not_found" && before === "there") throw lost(basin);
    known.state = before;
    if (outcome === "done") known.age = age;
  }

  /** A change of the basin itself; what is known of it is nothing, until it ended alone. */
  private async changeBasin(
    life: Life,
    known: KnownBasin,
    act: () => void,
  ): Promise<{ outcome: string; isAlone: boolean; before: KnownBasin["state"] }> {
    await this.pause();
    const wasBusy = known.busy > 0;
    const began = ++known.began;
    const before = known.state;
    known.busy++;
    known.state = "unknown";
    known.age = undefined;
    const outcome = await this.change(life, (asked) => {
      asked.noteChange();
      act();
    });
    known.busy--;
    return { outcome, isAlone: !wasBusy && known.began === began, before };
  }

  private async createStream(life: Life, basin: string, stream: string): Promise<void> {
    await this.pause();
    const known = this.of(basin);
    const { state, age, began } = known;
    known.making.push(stream);
    const wasPossible = known.maybe.has(stream);
    const wasCertain = known.streams.has(stream);
    known.maybe.add(stream);
    let madeWith: number | undefined;
    const outcome = await this.change(life, (asked) => {
      const { streams, catalog } = asked.of({ basin, stream });
      streams.create({ basin, stream });
      const policy = catalog.stream(basin, stream)?.config.retentionPolicy;
      madeWith = policy !== undefined && "ageSecs" in policy ? policy.ageSecs : undefined;
    });
    known.making.splice(known.making.indexOf(stream), 1);
    if (known.began !== began) return;
    const where = `${basin}/${stream}`;
    const isRefused = outcome === "basin_not_found" || outcome === "basin_deletion_pending";
    if (state === "there" && isRefused) throw new Error(`no basin for ${where}: ${outcome}`);
    if (outcome === "resource_already_exists" && !wasPossible)
      throw new Error(`${where} is there, and nobody made it`);
    if (outcome !== "done") return;
    if (state === "going" || state === "gone")
      throw new Error(`${where} made in one that is ${state}`);
    if (wasCertain && known.streams.has(stream)) throw new Error(`${where} was made twice`);
    if (age !== undefined && madeWith !== age)
      throw new Error(`${where} was made by an old configuration ${madeWith} of ${age}`);
    if (state === "there") known.streams.add(stream);
  }

  private async removeStream(life: Life, basin: string, stream: string): Promise<void> {
    await this.pause();
    const known = this.of(basin);
    const { began } = known;
    const wasCertain = known.streams.delete(stream);
    const outcome = await this.change(life, (asked) =>
      asked.of({ basin, stream }).streams.delete({ basin, stream }),
    );
    if (outcome === "stream_not_found" && wasCertain && known.began === began)
      throw lost(`${basin}/${stream}`);
  }

  /** All pages of one moment. */
  private async list(life: Life, basin: string): Promise<void> {
    await this.pause();
    const known = this.of(basin);
    const { began } = known;
    const certain = [...known.streams];
    const listed: string[] = [];
    const limit = randomInteger(this.random, 1, 5);
    const outcome = await this.change(life, (asked) => {
      for (let startAfter = ""; ; ) {
        const page = life.backend.listStreams(asked, basin, { prefix: "", startAfter, limit });
        listed.push(...page.items.map(({ name }) => name));
        if (!page.hasMore) return;
        startAfter = page.items.at(-1)?.name ?? "";
      }
    });
    if (outcome !== "done" || known.began !== began || known.busy > 0) return;
    this.result.lists++;
    const stillCertain = certain.filter((stream) => known.streams.has(stream));
    this.requireListed(basin, stillCertain, known.maybe, listed);
  }

  private requireListed(
    basin: string,
    certain: readonly string[],
    possible: ReadonlySet<string>,
    listed: readonly string[],
  ): void {
    const text = `${basin}: ${listed.join()}`;
    if ([...listed].sort().join() !== listed.join()) throw new Error(`out of order: ${text}`);
    for (const stream of certain)
      if (!listed.includes(stream)) throw lost(`${stream} in the list of ${text}`);
    for (const stream of listed)
      if (!possible.has(stream))
        throw new Error(`${stream} is listed, and nobody made it: ${text}`);
  }

  /** Does something in one turn, and waits as its answer would. */
  private async change(life: Life, act: (asked: AskedShards) => void): Promise<string> {
    if (life.node.isDead) return "never";
    const asked = life.backend.ask();
    let code: string | undefined;
    try {
      act(asked);
    } catch (error) {
      ({ code } = S2Error.from(error));
    }
    try {
      await asked.barrier();
    } catch {
      return "unknown";
    }
    if (life.node.isDead) return "unknown";
    this.result.acked += code === undefined ? 1 : 0;
    return code ?? "done";
  }

  private async pause(): Promise<void> {
    const { clock } = this.bench;
    const ms = randomInteger(this.random, 0, 30);
    await new Promise<void>((resolve) => {
      clock.setTimer(resolve, ms);
    });
  }

  /** In the end nothing dies any more: shards agree, and whatever was to go is gone. */
  private async rest(): Promise<void> {
    const life = await this.start(LIVES);
    const { backend } = life;
    for (let waits = 0; ; waits++) {
      await this.pause();
      const isLeft = [LEAVING_BASIN, DELETED_BASIN, ACCOUNT_CHANGE].some(({ prefix }) =>
        life.storages.some(
          (storage) => storage.scanMeta({ prefix: encodeUtf8(prefix), limit: 1 }).length > 0,
        ),
      );
      if (!isLeft) break;
      if (waits > 4000) throw new Error("a deletion never ends");
    }
    this.requireCopies(backend);
    for (const [basin, known] of this.known) {
      const found = backend.shard.catalog.basin(basin);
      if (known.state === "there" && found === undefined) throw lost(basin);
      if (known.state === "going" && found !== undefined) throw new Error(`${basin} stays`);
      if (found !== undefined) await this.list(life, basin);
    }
    this.kill(life);
    this.result.deaths--;
    await backend.close();
  }

  /** Whatever is copied is the same everywhere, but for marks: each shard ends its own. */
  private requireCopies(backend: Backend): void {
    const [first, ...others] = backend.shards.all.map(({ storage }) =>
      COPIED_KINDS.filter((kind) => kind !== DELETED_BASIN)
        .flatMap(({ prefix }) => storage.scanMeta({ prefix: encodeUtf8(prefix), limit: 1000 }))
        .map(({ key, value }) => `${decodeUtf8Lossy(key)}=${decodeUtf8Lossy(value)}`)
        .join("\n"),
    );
    for (const other of others)
      if (other !== first) throw new Error(`a copy differs\n${first}\nand\n${other}`);
  }

  private of(basin: string): KnownBasin {
    return this.known.get(basin) as KnownBasin;
  }

  private pick<T>(list: readonly T[]): T {
    return list[randomInteger(this.random, 0, list.length - 1)] as T;
  }
}

function fresh(): KnownBasin {
  const none = { streams: new Set<string>(), maybe: new Set<string>(), making: [] };
  return { state: "gone", age: undefined, ...none, busy: 0, began: 0 };
}

/** It said no, for a reason of its own, and changed nothing. */
function isRefusal(outcome: string): boolean {
  return outcome !== "done" && outcome !== "unknown";
}

function lost(what: string): Error {
  return new Error(`lost: ${what}`);
}

/** @throws {Error} what was promised and does not hold */
export function runAccountHistory(seed: number): Promise<AccountResult> {
  return new AccountHistory(seed).run();
}
