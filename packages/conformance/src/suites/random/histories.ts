// Random appends and reads through every door, compared with the model after each step.
// A case of the suite in random.ts.

import { type Random, randomInteger } from "@s2kit/core";
import type { Case } from "../../case.js";
import { define } from "../../case.js";
import { decodeBatch, encodeInput, type StoredRecord } from "../../codec/messages.js";
import { equal } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";
import { type ModelAppend, type ModelRead, StreamModel } from "./model.js";
import { pick, rounds } from "./rounds.js";

const maybe = <T>(random: Random, chance: number, make: () => T): T | undefined =>
  random.next() < chance ? make() : undefined;

function randomAppend(random: Random, next: number): ModelAppend {
  const record = (): ModelAppend["records"][number] => {
    const timestamp = randomInteger(random, 1, 10_000);
    if (random.next() < 0.05)
      return { timestamp, headers: [["", "fence"]], body: pick(random, ["t1", "t2", ""]) };
    const headers = Array.from(
      { length: randomInteger(random, 0, 3) },
      () => [pick(random, ["h", "k2", "h"]), "v".repeat(randomInteger(random, 0, 6))] as const,
    );
    return { timestamp, headers, body: "b".repeat(randomInteger(random, 0, 40)) };
  };
  return {
    records: Array.from(
      { length: random.next() < 0.1 ? randomInteger(random, 20, 60) : randomInteger(random, 1, 6) },
      record,
    ),
    matchSeqNum: maybe(random, 0.3, () => pick(random, [next, next, 0, next + 1])),
    fencingToken: maybe(random, 0.3, () => pick(random, ["t1", "t2", ""])),
  };
}

function randomRead(random: Random, next: number): ModelRead {
  const kind = pick(random, ["seq_num", "timestamp", "tail_offset"] as const);
  const most = kind === "timestamp" ? 11_000 : next + 3;
  return {
    start: { kind, value: randomInteger(random, 0, most) },
    count: maybe(random, 0.4, () => randomInteger(random, 0, 20)),
    bytes: maybe(random, 0.4, () => randomInteger(random, 0, 400)),
    until: maybe(random, 0.3, () => randomInteger(random, 0, 12_000)),
    clamp: random.next() < 0.2,
  };
}

function queryOf({ start, count, bytes, until, clamp }: ModelRead): string {
  const parts = [`${start.kind}=${start.value}`];
  for (const [name, value] of Object.entries({ count, bytes, until }))
    if (value !== undefined) parts.push(`${name}=${value}`);
  if (clamp) parts.push("clamp=true");
  return parts.join("&");
}

async function sendAppend(
  stream: StreamHandle,
  input: ModelAppend,
  random: Random,
): Promise<Answer> {
  const { records, matchSeqNum, fencingToken } = input;
  if (random.next() < 0.3)
    return stream.postProto(
      encodeInput({
        records,
        ...(matchSeqNum === undefined ? {} : { matchSeqNum }),
        ...(fencingToken === undefined ? {} : { fencingToken }),
      }),
    );
  const isCoded = random.next() < 0.3;
  const text = (value: unknown): string =>
    isCoded ? Buffer.from(String(value)).toString("base64") : String(value);
  const json = {
    records: records.map(({ timestamp, headers = [], body = "" }) => ({
      timestamp,
      headers: headers.map(([name, value]) => [text(name), text(value)]),
      body: text(body),
    })),
    match_seq_num: matchSeqNum,
    fencing_token: fencingToken,
  };
  return stream.post(json, isCoded ? { headers: { "s2-format": "base64" } } : {});
}

interface Seen {
  readonly status: number;
  readonly json: unknown;
  readonly records: readonly StoredRecord[];
}

const plain = (
  json: {
    records: { seq_num: number; timestamp: number; headers?: [string, string][]; body?: string }[];
  },
  decode: (text: string) => string,
): StoredRecord[] =>
  json.records.map(({ seq_num, timestamp, headers = [], body = "" }) => ({
    seq_num,
    timestamp,
    headers: headers.map(([name, value]) => [decode(name), decode(value)] as const),
    body: decode(body),
  }));

/** Through every door: raw, base64, protobuf, events, S2S. */
async function sendRead(stream: StreamHandle, read: ModelRead, random: Random): Promise<Seen> {
  const door = pick(random, ["raw", "base64", "protobuf", "sse", "s2s"] as const);
  // Sessions without a bound would follow; wait=0 ends them at the tail, where unary reads are 416.
  const isBounded =
    read.count !== undefined || read.bytes !== undefined || read.until !== undefined;
  const query = queryOf(read);
  if (door === "sse" && isBounded) {
    const events = await stream.events(query);
    if (events.refusal !== undefined) return { ...events.refusal, records: [] };
    const all = await events.rest();
    return {
      status: 200,
      json: undefined,
      records: all
        .filter(({ event }) => event === "batch")
        .flatMap(({ json }) => plain(json, (text) => text)),
    };
  }
  if (door === "s2s" && isBounded) {
    const session = await stream.open("read", "h1", query);
    if (session.refusal !== undefined) return { ...session.refusal, records: [] };
    const frames = await session.rest();
    return {
      status: 200,
      json: undefined,
      records: frames.flatMap((frame) => decodeBatch(frame.message).records),
    };
  }
  const headers: Record<string, string> =
    door === "protobuf"
      ? { accept: "application/protobuf" }
      : door === "base64"
        ? { "s2-format": "base64" }
        : {};
  const answer = await stream.get(query, { headers });
  if (answer.status !== 200) return { status: answer.status, json: answer.json, records: [] };
  if (door === "protobuf")
    return { status: 200, json: undefined, records: decodeBatch(answer.bytes).records };
  const decode = (text: string): string =>
    door === "base64" ? Buffer.from(text, "base64").toString() : text;
  return { status: 200, json: undefined, records: plain(answer.json, decode) };
}

async function histories(context: Context): Promise<void> {
  await rounds(context, async (random) => {
    const stream = await context.stream();
    const model = new StreamModel();
    for (let step = 0; step < 30; step++) {
      if (random.next() < 0.5) {
        const input = randomAppend(random, model.tail.seq_num);
        const expected = model.append(input);
        const answer = await sendAppend(stream, input, random);
        equal(answer.status, expected.status, `step ${step}: status of an append`);
        if (expected.status === 412) equal(answer.json, expected.body, `step ${step}: body`);
        else equal(answer.json.tail, model.tail, `step ${step}: tail`);
      } else {
        const read = randomRead(random, model.tail.seq_num);
        const expected = model.read(read);
        const seen = await sendRead(stream, read, random);
        const what = `step ${step}: ?${queryOf(read)}`;
        equal(seen.status, expected.status, what);
        if (expected.status === 200) equal(seen.records, expected.records, what);
        if (expected.status === 416) equal(seen.json, expected.body, what);
      }
    }
    equal(await stream.tail(), model.tail, "tail at the end");
  });
}

export const HISTORIES: readonly Case[] = [
  define(
    "histories",
    "d#guarantees d#what-is-selected d#where-a-read-starts d#order-of-checks",
    "random histories answer as the model of the specification",
    histories,
    { isSlow: true },
  ),
];
