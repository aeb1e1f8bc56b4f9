// The end of a server, seen from its sessions: they are told before it comes, what was accepted is
// acknowledged, and those who stay get a last word. One case, the last of a run.
// Spec: data-plane#draining.

import { type Case, define, type Suite } from "../../case.js";
import { type Frame, terminalOf } from "../../codec/frame.js";
import { decodeAck } from "../../codec/messages.js";
import { equal, Mismatch, ok, refused } from "../../expect.js";
import type { Session } from "../../probe/session.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";
import { CARRIERS, inputOf } from "./per-carrier.js";

/** A signal needs a moment; advice must come with the next frames. */
const ADVICE_MS = 10_000;
const PAUSE_MS = 50;

interface Opened {
  readonly over: CarrierName;
  /** Takes the advice. */
  readonly leaver: Session;
  /** Goes on until it is told the end. */
  readonly stayer: Session;
  readonly reader: Session;
}

async function drains(context: Context): Promise<void> {
  const carriers = CARRIERS.filter(
    (over) => over === "h1" || (over === "h2" ? context.has("http2") : context.has("websocket")),
  );
  const stream = await context.stream();
  const opened: Opened[] = [];
  for (const over of carriers) opened.push(await open(stream, over));
  await context.shared.drain?.();
  await Promise.all(opened.map((each) => watch(context, each)));
  await requireRefused(context);
}

async function open(stream: StreamHandle, over: CarrierName): Promise<Opened> {
  const leaver = await stream.open("append", over);
  const stayer = await stream.open("append", over);
  for (const session of [leaver, stayer]) {
    session.send(inputOf(["before"]));
    equal((await needed(session, `${over}: ack before the drain`)).isAdvised, false, "advice");
  }
  const reader = await stream.open("read", over, "seq_num=0");
  equal((await needed(reader, `${over}: first batch`)).isAdvised, false, "advice");
  return { over, leaver, stayer, reader };
}

async function watch(context: Context, { over, leaver, stayer, reader }: Opened): Promise<void> {
  await advised(context, leaver, `${over}, append session`);
  leaver.half();
  equal(await leaver.rest(), [], `${over}: one that takes the advice ends without a last word`);
  await Promise.all([
    lastWord(reader, `${over}, read session`),
    lastWord(stayer, `${over}, append session that stays`),
  ]);
}

/** Submits one batch after the other until an acknowledgement comes with the advice. */
async function advised(context: Context, session: Session, what: string): Promise<void> {
  const { clock } = context.shared;
  const endMs = clock.monotonic() + ADVICE_MS;
  let ends = 0;
  while (clock.monotonic() < endMs) {
    session.send(inputOf(["meanwhile"]));
    const frame = await needed(session, `${what}: acknowledgement while it drains`);
    // What is advised without an ack is a frame that a client cannot count.
    const { end } = decodeAck(frame.message);
    ok(end.seq_num > ends, `${what}: acknowledgements go on`);
    ends = end.seq_num;
    if (frame.isAdvised) return;
    await context.sleep(PAUSE_MS);
  }
  throw new Mismatch(`${what}: no advice within ${ADVICE_MS} ms`);
}

/** Frames with advice, then the terminal frame. */
async function lastWord(session: Session, what: string): Promise<void> {
  const frames = await session.rest();
  const last = frames.at(-1);
  ok(last?.isTerminal === true, `${what}: ends without a terminal frame`);
  const { status, json } = terminalOf(last);
  equal([status, (json as { code?: unknown }).code], [503, "server_draining"], what);
  if (what.includes("read"))
    ok(
      frames.some(({ isAdvised }) => isAdvised),
      `${what}: no advice before the end`,
    );
}

/** Whoever comes late is not let in: no connection, or an answer that says why. */
async function requireRefused(context: Context): Promise<void> {
  const answer = await context.call("GET", "/v1/basins?limit=1").catch(() => undefined);
  if (answer !== undefined) refused(answer, 503, "server_draining");
}

/** Any frame but the last. */
async function needed(session: Session, what: string): Promise<Frame> {
  const frame = await session.next();
  if (frame === undefined) throw new Mismatch(`${what}: the session ended`);
  if (frame.isTerminal) throw new Mismatch(`${what}: got ${terminalOf(frame).text}`);
  return frame;
}

const CASES: readonly Case[] = [
  define(
    "advice-and-end",
    "d#draining c#error-codes",
    "sessions are advised to leave, finish what they began, and are told the end",
    drains,
    { needs: ["draining"], isLast: true },
  ),
];

export const DRAINING: Suite = { name: "draining", title: "The end of a server", cases: CASES };
