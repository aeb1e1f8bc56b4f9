// Those who read: once from anywhere, following by every carrier, slowly, and whoever wants all
// there is. What they get goes to the oracle record by record; nothing is judged here but order and
// bounds.

import type { ReadInput, ReadSession } from "@s2kit/client";
import { RangeNotSatisfiableError } from "@s2kit/core";
import { Cursor } from "../oracle/cursor.js";
import type { StreamOracle } from "../oracle/stream-oracle.js";
import { Violation } from "../oracle/violation.js";
import type { Actor } from "./actor.js";

/** Single reads from random places, and checks of the tail. */
export async function reader(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    if (actor.chance(0.35)) await checkTail(actor);
    else await readOnce(actor);
  }
}

async function checkTail(actor: Actor): Promise<void> {
  const { handle, oracle } = actor.stream();
  const asked = oracle.tick();
  await actor.trying(`tail of ${oracle.name}`, async () => {
    const { tail } = await handle.checkTail();
    oracle.sawTail({ kind: "tail", actor: actor.name, asked, tail: tail.seqNum });
  });
}

async function readOnce(actor: Actor): Promise<void> {
  const { handle, oracle } = actor.stream();
  const count = actor.integer(1, 30);
  const from = actor.integer(0, oracle.shownTail);
  const asked = oracle.tick();
  const cursor = new Cursor(oracle, `${actor.name} at ${asked}`, from);
  await actor.trying(`read ${oracle.name} from ${from}`, async () => {
    try {
      const { records, tail } = await handle.read({
        start: { from: { seqNum: from } },
        stop: { limits: { count } },
      });
      for (const record of records) cursor.take(record);
      if (records.length > count)
        throw new Violation("contiguous", `${actor.name} asked for ${count}: ${records.length}`);
      if (tail !== undefined)
        oracle.sawTail({ kind: "tail", actor: actor.name, asked, tail: tail.seqNum });
      else saw(actor, oracle, asked, cursor);
    } catch (error) {
      if (!(error instanceof RangeNotSatisfiableError)) throw error;
      const { seqNum } = error.tail;
      if (seqNum > from)
        throw new Violation("contiguous", `nothing from ${from} on, the tail is ${seqNum}`);
      oracle.sawTail({ kind: "tail", actor: actor.name, asked, tail: seqNum });
    }
  });
}

function saw(actor: Actor, oracle: StreamOracle, asked: number, cursor: Cursor): void {
  if (cursor.count === 0 || cursor.next === undefined) return;
  oracle.sawTail({ kind: "at-least", actor: actor.name, asked, tail: cursor.next });
}

/** Everything from the first record to the tail of the moment. */
export async function wholeReader(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step += 2) {
    await actor.think();
    const { handle, oracle } = actor.stream();
    const asked = oracle.tick();
    const cursor = new Cursor(oracle, `${actor.name} at ${asked}`, 0);
    const bodies: string[] = [];
    await actor.trying(`all of ${oracle.name}`, async () => {
      const session = await handle.readToTail();
      for await (const record of session) {
        cursor.take(record);
        bodies.push(record.body);
      }
      const tail = cursor.next ?? 0;
      const isWhole = bodies.length === tail;
      oracle.sawTail({
        kind: "at-least",
        actor: actor.name,
        asked,
        tail,
        ...(isWhole ? { bodies } : {}),
      });
    });
  }
}

/** Follows a stream from a random place: a position, a time, so many before the end. */
export async function tailer(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step += 3) {
    await actor.think();
    await follow(actor, () => Promise.resolve());
  }
}

/** Follows, and takes its time with each record. */
export async function slowReader(actor: Actor): Promise<void> {
  await actor.think();
  await follow(actor, async () => {
    if (actor.chance(0.3)) await actor.think(500);
  });
}

async function follow(actor: Actor, afterRecord: () => Promise<void>): Promise<void> {
  const { handle, oracle } = actor.stream();
  const asked = oracle.tick();
  const input = startOf(actor, oracle);
  const { from } = input.start ?? {};
  const at = from !== undefined && "seqNum" in from ? from.seqNum : undefined;
  const cursor = new Cursor(oracle, `${actor.name} at ${asked}`, at);
  const what = `follow ${oracle.name} from ${JSON.stringify(from)}`;
  actor.note(what);
  await actor.trying(what, async () => {
    const session = await handle.readSession(input, { retryPolicy: "indefinite" });
    const patience = actor.world.clock.setTimer(
      () => void session.cancel(),
      actor.integer(100, 4 * actor.settings.thinkMs + 2000),
    );
    try {
      await drain(session, cursor, afterRecord, actor.integer(1, 60));
    } finally {
      patience.cancel();
      await session.cancel();
    }
  });
  actor.note(`followed ${oracle.name} to ${cursor.next}`);
  saw(actor, oracle, asked, cursor);
}

async function drain(
  session: ReadSession,
  cursor: Cursor,
  afterRecord: () => Promise<void>,
  most: number,
): Promise<void> {
  for await (const record of session) {
    cursor.take(record);
    await afterRecord();
    if (cursor.count >= most) return;
  }
}

function startOf(actor: Actor, oracle: StreamOracle): ReadInput {
  const dice = actor.random.next();
  if (dice < 0.6)
    return { start: { from: { seqNum: actor.integer(0, oracle.shownTail) }, clamp: true } };
  if (dice < 0.8) return { start: { from: { tailOffset: actor.integer(0, 10) }, clamp: true } };
  const timestamps = [...oracle.records.values()].map(({ timestamp }) => timestamp);
  const timestamp = timestamps.length === 0 ? 0 : actor.pick(timestamps);
  return { start: { from: { timestamp }, clamp: true } };
}
