// A fixed load, due by the clock and not by the answers: sessions and single requests that append, followers on every
// carrier, readers of the past, streams that are trimmed so that they stay as long as they are, streams and connections that
// come and go, clients that vanish. What is late is seen as late.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AppendRecord, S2, type S2Stream } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import { ROOT_TOKEN } from "../server/server-process.ts";
import { clientConnections } from "./client-connections.ts";
import { type LoadFacts, quantile } from "./sample.ts";

const BASIN = "soak-basin";
const BATCH_RECORDS = 10;
const BODY = "x".repeat(100);
const SESSIONS = 4;
/** Single requests: one batch in so many. */
const UNARY_SHARE = 5;
/** Records that a stream keeps. */
const KEPT_RECORDS = 10_000;
const TRIM_MS = 2000;
const READ_MS = 500;
const CHURN_MS = 1000;
const VANISH_MS = 2000;
const CARRIERS = ["s2s", "ws", "fetch"] as const;

export class PacedLoad {
  readonly #port: number;
  readonly #batchesPerSecond: number;
  readonly #client: S2;
  readonly #over = new AbortController();
  #work: Promise<unknown>[] = [];
  #acksMs: number[] = [];
  #appended = 0;
  #read = 0;
  #failures = 0;
  lastFailure: string | undefined;

  constructor(port: number, recordsPerSecond: number) {
    this.#port = port;
    this.#batchesPerSecond = recordsPerSecond / BATCH_RECORDS;
    this.#client = this.#newClient("s2s");
  }

  async begin(): Promise<void> {
    await this.#client.basins.ensure({ basin: BASIN });
    const basin = this.#client.basin(BASIN);
    const config = { retentionPolicy: { infinite: {} } };
    const streams = Array.from({ length: SESSIONS }, (_, at) => `soak-${at}`);
    for (const stream of streams) await basin.streams.ensure({ stream, config });
    const pace = this.#batchesPerSecond;
    const perSession = (pace * (UNARY_SHARE - 1)) / UNARY_SHARE / SESSIONS;
    const [first = ""] = streams;
    this.#work = [
      ...streams.map((name) => this.#appendBySession(basin.stream(name), perSession)),
      this.#appendSingly(basin.stream(first), pace / UNARY_SHARE),
      ...CARRIERS.map((carrier, at) => this.#follow(carrier, streams[at] ?? first)),
      ...streams.map((name) => this.#every(TRIM_MS, () => this.#trim(basin.stream(name)))),
      this.#every(READ_MS, () => this.#readBack(basin.stream(first))),
      this.#every(CHURN_MS, () => this.#comeAndGo()),
      this.#every(VANISH_MS, () => this.#vanish(first)),
    ];
  }

  /** Since it was last asked. */
  takeFacts(): LoadFacts {
    const facts = {
      appendedRecords: this.#appended,
      readRecords: this.#read,
      ackP50Ms: rounded(quantile(this.#acksMs, 0.5)),
      ackP99Ms: rounded(quantile(this.#acksMs, 0.99)),
      failures: this.#failures,
      clientConnections: clientConnections(this.#port),
    };
    this.#acksMs = [];
    this.#appended = this.#read = this.#failures = 0;
    return facts;
  }

  async end(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#work);
    await this.#client.close();
  }

  #newClient(transport: (typeof CARRIERS)[number]): S2 {
    const origin = `http://127.0.0.1:${this.#port}`;
    return new S2({
      accessToken: ROOT_TOKEN,
      endpoints: { account: origin, basin: origin },
      transport,
    });
  }

  /** Calls as often as the pace says, also while earlier ones are not done. */
  async #paced(perSecond: number, due: (dueMs: number) => void | Promise<void>): Promise<void> {
    const startMs = performance.now();
    for (let call = 0; !this.#over.signal.aborted; call++) {
      const dueMs = startMs + (call * 1000) / perSecond;
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) await this.#pause(waitMs);
      await due(dueMs);
    }
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#trying(work);
      await this.#pause(ms);
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }

  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof S2Error)) throw error;
      this.#failures++;
      this.lastFailure = error.message;
    }
  }

  #acked(dueMs: number): void {
    this.#acksMs.push(performance.now() - dueMs);
    this.#appended += BATCH_RECORDS;
  }

  async #appendBySession(handle: S2Stream, perSecond: number): Promise<void> {
    while (!this.#over.signal.aborted)
      await this.#trying(async () => {
        await using session = await handle.appendSession();
        const acks = new Set<Promise<void>>();
        await this.#paced(perSecond, async (dueMs) => {
          const ticket = await session.submit({ records: batch() });
          const ack = ticket.ack().then(() => this.#acked(dueMs));
          ack.catch(() => undefined).finally(() => acks.delete(ack));
          acks.add(ack);
        });
        await Promise.all(acks);
      });
  }

  async #appendSingly(handle: S2Stream, perSecond: number): Promise<void> {
    const open = new Set<Promise<void>>();
    await this.#paced(perSecond, (dueMs) => {
      const append = this.#trying(async () => {
        await handle.append({ records: batch() });
        this.#acked(dueMs);
      }).finally(() => open.delete(append));
      open.add(append);
    });
    await Promise.all(open);
  }

  async #follow(carrier: (typeof CARRIERS)[number], name: string): Promise<void> {
    const client = this.#newClient(carrier);
    const handle = client.basin(BASIN).stream(name);
    while (!this.#over.signal.aborted)
      await this.#trying(async () => {
        const session = await handle.readSession({
          start: { from: { tailOffset: 0 }, clamp: true },
        });
        const stop = (): void => void session.cancel();
        this.#over.signal.addEventListener("abort", stop, { once: true });
        try {
          for await (const _ of session) this.#read++;
        } finally {
          this.#over.signal.removeEventListener("abort", stop);
        }
      });
    await client.close();
  }

  async #trim(handle: S2Stream): Promise<void> {
    const { tail } = await handle.checkTail();
    if (tail.seqNum <= KEPT_RECORDS) return;
    await handle.append({ records: [AppendRecord.trim(tail.seqNum - KEPT_RECORDS)] });
  }

  async #readBack(handle: S2Stream): Promise<void> {
    const { records } = await handle.read({
      start: { from: { tailOffset: KEPT_RECORDS / 2 }, clamp: true },
      stop: { limits: { count: 1000 } },
    });
    this.#read += records.length;
  }

  /** Connections of its own, a stream of its own, and nothing that stays. */
  async #comeAndGo(): Promise<void> {
    const client = this.#newClient("s2s");
    try {
      const basin = client.basin(BASIN);
      const stream = `guest-${Math.round(performance.now())}`;
      await basin.streams.create({ stream });
      const handle = basin.stream(stream);
      await handle.append({ records: batch() });
      for await (const _ of await handle.readToTail()) this.#read++;
      await basin.streams.delete({ stream });
    } finally {
      await client.close();
    }
  }

  /** Half a request, and a reset. */
  #vanish(stream: string): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.once("close", () => resolve());
      socket.once("connect", () => {
        const head = `POST /v1/streams/${stream}/records HTTP/1.1\r\nhost: localhost\r\ns2-basin: ${BASIN}\r\nauthorization: Bearer ${ROOT_TOKEN}\r\n`;
        socket.write(
          `${head}content-type: application/json\r\ncontent-length: 500\r\n\r\n{"records":[`,
        );
        setTimeout(() => socket.resetAndDestroy(), 100);
      });
    });
  }
}

function batch(): AppendRecord[] {
  return Array.from({ length: BATCH_RECORDS }, () => AppendRecord.string({ body: BODY }));
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
