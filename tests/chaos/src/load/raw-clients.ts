// Those who use no client of ours: plain `fetch`, JSON and server-sent events as the specification says. They try nothing
// again and hide nothing: what has no answer is of unknown fate.

import type { Actor, SeenRecord, StreamOracle } from "@s2kit/sim";
import { BASIN, Cursor, Violation } from "@s2kit/sim";
import { ROOT_TOKEN } from "../server/server-process.ts";

const TIMEOUT_MS = 6000;
const HEADERS = {
  authorization: `Bearer ${ROOT_TOKEN}`,
  "s2-basin": BASIN,
  "s2-format": "raw",
};

interface JsonPosition {
  readonly seq_num: number;
  readonly timestamp: number;
}

interface JsonRecord extends JsonPosition {
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

interface JsonBatch {
  readonly records: readonly JsonRecord[];
  readonly tail?: JsonPosition;
}

interface Site {
  readonly oracle: StreamOracle;
  /** Of the records of the stream. */
  readonly url: string;
}

export type OriginOf = (name: string) => string;

function siteOf(actor: Actor, originOf: OriginOf): Site {
  const { oracle } = actor.stream();
  return { oracle, url: `${originOf(actor.name)}/v1/streams/${oracle.name}/records` };
}

/** Batches, one request each. */
export async function rawAppender(actor: Actor, originOf: OriginOf): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    const { oracle, url } = siteOf(actor, originOf);
    const operation = oracle.begin({ actor: actor.name, bodies: actor.bodies() });
    await unlessBroken(actor, `raw append ${operation.id} to ${oracle.name}`, async () => {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...HEADERS, "content-type": "application/json" },
        body: JSON.stringify({ records: operation.bodies.map((body) => ({ body })) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`status=${response.status} ${await response.text()}`);
      const ack = (await response.json()) as Record<"start" | "end" | "tail", JsonPosition>;
      oracle.acked(operation, {
        start: positionOf(ack.start),
        end: positionOf(ack.end),
        tail: positionOf(ack.tail),
      });
    });
  }
}

/** Single reads from random places. */
export async function rawReader(actor: Actor, originOf: OriginOf): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    const { oracle, url } = siteOf(actor, originOf);
    const from = actor.integer(0, oracle.shownTail);
    const asked = oracle.tick();
    const cursor = new Cursor(oracle, `${actor.name} at ${asked}`, from);
    await unlessBroken(actor, `raw read ${oracle.name} from ${from}`, async () => {
      const response = await fetch(`${url}?seq_num=${from}&count=${actor.integer(1, 50)}`, {
        headers: HEADERS,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      // Nothing is there yet.
      if (response.status === 416) return;
      if (!response.ok) throw new Error(`status=${response.status} ${text}`);
      takeAll(cursor, JSON.parse(text) as JsonBatch);
    });
    if (cursor.count > 0 && cursor.next !== undefined)
      oracle.sawTail({ kind: "at-least", actor: actor.name, asked, tail: cursor.next });
  }
}

/** Follows by server-sent events, and goes on where it was when the connection ends. */
export async function rawFollower(actor: Actor, originOf: OriginOf): Promise<void> {
  const { oracle, url } = siteOf(actor, originOf);
  const asked = oracle.tick();
  const from = actor.integer(0, oracle.shownTail);
  const cursor = new Cursor(oracle, `${actor.name} at ${asked}`, from);
  for (let step = 0; step < actor.settings.steps; step += 4) {
    await actor.think();
    const next = cursor.next ?? from;
    await unlessBroken(actor, `raw follow ${oracle.name} from ${next}`, async () => {
      const patience = AbortSignal.timeout(actor.integer(300, 6000));
      const response = await fetch(`${url}?seq_num=${next}&clamp=true&wait=10`, {
        headers: { ...HEADERS, accept: "text/event-stream" },
        signal: patience,
      });
      if (!response.ok || response.body === null) throw new Error(`status=${response.status}`);
      await follow(cursor, response.body);
    });
  }
}

async function follow(cursor: Cursor, body: ReadableStream<Uint8Array>): Promise<void> {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const lines = event.split("\n");
      if (!lines.includes("event: batch")) continue;
      const data = lines.find((line) => line.startsWith("data: "));
      if (data === undefined) throw new Violation("contiguous", `an event without data: ${event}`);
      takeAll(cursor, JSON.parse(data.slice(6)) as JsonBatch);
    }
  }
}

function takeAll(cursor: Cursor, { records }: JsonBatch): void {
  for (const record of records) cursor.take(seen(record));
}

function seen({ seq_num: seqNum, timestamp, headers = [], body = "" }: JsonRecord): SeenRecord {
  return { seqNum, timestamp, headers, body };
}

function positionOf({ seq_num: seqNum, timestamp }: JsonPosition): {
  readonly seqNum: number;
  readonly timestamp: number;
} {
  return { seqNum, timestamp };
}

/** Whatever goes wrong on the way is to be borne; a broken promise is not. */
async function unlessBroken(actor: Actor, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    actor.note(`${what} ok`);
  } catch (error) {
    if (error instanceof Violation) throw error;
    actor.note(`${what} failed ${error instanceof Error ? error.message : String(error)}`);
  }
}
