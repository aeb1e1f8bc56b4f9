// The server, the source and the reference that kill points are judged by: a stream of seeded records
// with fences and trims among them, exported once half way and once whole, by runs nobody disturbed.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendRecord, S2, type S2Stream } from "@s2kit/client";
import { isCommandRecord, type Random, type SequencedRecord } from "@s2kit/core";
import { seededRandom } from "@s2kit/core/testing";
import { Producer } from "@s2kit/producer";
import { type LiteServer, startLite } from "../lite-server.ts";

export const BASIN = "kill-basin";
export const SOURCE: string = `s2://${BASIN}/source`;

export type Engine = "memory" | "disk";

export interface WorldOptions {
  readonly engine: Engine;
  readonly seed: number;
  /** Bodies of the source, about. */
  readonly mib: number;
}

export class TransferWorld {
  readonly engine: Engine;
  readonly directory: string = mkdtempSync(join(tmpdir(), "s2kit-kills-"));
  #server: LiteServer | undefined;
  #client: S2 | undefined;
  /** What every copy of the source must hold. */
  #wanted: { readonly count: number; readonly sha256: string } | undefined;

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  /** @param exportTo - exports the source, undisturbed, into a file */
  static async open(
    { engine, seed, mib }: WorldOptions,
    exportTo: (world: TransferWorld, path: string) => Promise<void>,
  ): Promise<TransferWorld> {
    const world = new TransferWorld(engine);
    try {
      await world.startServer();
      const { basins } = world.client;
      await basins.create({ basin: BASIN });
      await world.client.basin(BASIN).streams.create({ stream: "source" });
      const random = seededRandom(seed);
      await fill(world.source, random, mib / 2);
      await exportTo(world, world.halfPath);
      await fill(world.source, random, mib / 2);
      await exportTo(world, world.wholePath);
      world.#wanted = await contentOf(world.source);
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  get url(): string {
    return this.#open().url;
  }

  get client(): S2 {
    if (this.#client === undefined) throw new Error("no client");
    return this.#client;
  }

  get source(): S2Stream {
    return this.client.basin(BASIN).stream("source");
  }

  /** Exports of the first half and of all of it. */
  get halfPath(): string {
    return join(this.directory, "half.jsonl");
  }

  get wholePath(): string {
    return join(this.directory, "whole.jsonl");
  }

  async startServer(): Promise<void> {
    const storage =
      this.engine === "disk" ? ["--local-root", join(this.directory, "data")] : ["--in-memory"];
    this.#server = await startLite(storage);
    await this.#client?.close();
    const { url } = this.#server;
    this.#client = new S2({ accessToken: "kills", endpoints: { account: url, basin: url } });
  }

  killServer(): Promise<void> {
    return this.#open().kill();
  }

  /** What is wrong with an exported file; undefined when it is the one nobody disturbed. */
  differenceOfFile(path: string): string | undefined {
    for (const suffix of ["", ".manifest.json"]) {
      const found = readFileSync(path + suffix);
      if (found.compare(readFileSync(this.wholePath + suffix)) !== 0) return `differs: ${suffix}`;
    }
    return undefined;
  }

  /** What is wrong with a copy of the source; undefined when it holds the same. */
  async differenceOfStream(name: string): Promise<string | undefined> {
    const found = await contentOf(this.client.basin(BASIN).stream(name));
    if (found.sha256 === this.#wanted?.sha256) return undefined;
    return `differs: ${found.count} records instead of ${this.#wanted?.count}`;
  }

  /** Frees what a judged point leaves. */
  async forget(name: string, path: string): Promise<void> {
    for (const suffix of ["", ".manifest.json", ".progress.json", ".lock"])
      rmSync(path + suffix, { force: true });
    await this.client
      .basin(BASIN)
      .streams.delete({ stream: name })
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#client?.close();
    await this.#server?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #open(): LiteServer {
    if (this.#server === undefined) throw new Error("no server");
    return this.#server;
  }
}

/** Bodies of any length and bytes, headers on some, and commands among them. */
async function fill(stream: S2Stream, random: Random, mib: number): Promise<void> {
  const producer = new Producer(await stream.appendSession());
  let left = mib * 1024 * 1024;
  for (let index = 0; left > 0; index++) {
    if (index % 500 === 250) await producer.submit(AppendRecord.trim(0));
    if (index % 700 === 350) await producer.submit(AppendRecord.fence(`token-${index}`));
    const body = bytesOf(random, Math.floor(random.next() ** 3 * 1500));
    const headers = index % 3 === 0 ? [[bytesOf(random, 5), bytesOf(random, 9)] as const] : [];
    await producer.submit({ timestamp: undefined, headers, body });
    left -= body.length + 40;
  }
  await producer.close();
}

function bytesOf(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
}

async function contentOf(stream: S2Stream): Promise<{ count: number; sha256: string }> {
  const hash = createHash("sha256");
  let count = 0;
  const session = await stream.readSession(
    { start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } },
    { as: "bytes" },
  );
  for await (const record of session) {
    if (isCommandRecord(record)) continue;
    addTo(hash, record);
    count++;
  }
  return { count, sha256: hash.digest("hex") };
}

function addTo(
  hash: ReturnType<typeof createHash>,
  { timestamp, headers, body }: SequencedRecord,
): void {
  const lengths = [timestamp, body.length, ...headers.flatMap((pair) => pair.map((b) => b.length))];
  hash.update(lengths.join(" ")).update("\n");
  for (const pair of headers) for (const bytes of pair) hash.update(bytes);
  hash.update(body);
}
