// The feed over a stream that does as it is told: outages, and a server that lost what it had.

import type { S2Stream } from "@s2kit/client";
import { createSimulatedClock } from "@s2kit/core/testing";
import { expect, it } from "vitest";
import type { RecordsView } from "../src/page/protocol.js";
import { Feed } from "../src/page/worker/feed.js";

type Batch = { readonly records: readonly object[] };

const utf8 = new TextEncoder();

/** Ends when it is cancelled, as a session of the client does. */
class ScriptedSession {
  readonly #waiting: Batch[] = [];
  #wake: () => void = () => undefined;
  isCancelled = false;

  readonly from: number;

  constructor(from: number) {
    this.from = from;
  }

  deliver(from: number, count: number): void {
    const records = Array.from({ length: count }, (_, i) => ({
      seqNum: from + i,
      timestamp: from + i,
      headers: [],
      body: utf8.encode(`record ${from + i}`),
    }));
    this.#waiting.push({ records });
    this.#wake();
  }

  async *batches(): AsyncGenerator<Batch> {
    while (!this.isCancelled) {
      const batch = this.#waiting.shift();
      if (batch !== undefined) yield batch;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  cancel(): Promise<void> {
    this.isCancelled = true;
    this.#wake();
    return Promise.resolve();
  }

  lastObservedTail(): undefined {
    return undefined;
  }
}

class ScriptedStream {
  tail = 0;
  /** Answers of the tail wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly sessions: ScriptedSession[] = [];

  async checkTail(): Promise<object> {
    const seqNum = this.tail;
    await this.gate;
    return { tail: { seqNum, timestamp: 0 } };
  }

  readSession({ start }: { start: { from: { seqNum: number } } }): Promise<ScriptedSession> {
    const session = new ScriptedSession(start.from.seqNum);
    this.sessions.push(session);
    return Promise.resolve(session);
  }
}

/** @param isDrawn - whether the page draws what it is sent */
function follow(
  stream: ScriptedStream,
  open: () => unknown = () => stream,
  isDrawn: () => boolean = () => true,
) {
  const clock = createSimulatedClock();
  const views: RecordsView[] = [];
  const feed: Feed = new Feed(
    clock,
    open as () => S2Stream,
    { basin: "b", stream: "s", start: { kind: "tail" }, isFollowing: true, filter: "" },
    (view) => {
      views.push(view);
      if (isDrawn()) feed.drawn();
    },
  );
  const shown = async (): Promise<RecordsView> => {
    await clock.advanceAsync(200);
    return views.at(-1) as RecordsView;
  };
  return { feed, clock, shown, views };
}

const numbers = (view: RecordsView): number[] => view.rows.map(({ seqNum }) => seqNum);

it("follows on at the new tail of a server that has less after an outage, and says so", async () => {
  const stream = new ScriptedStream();
  const { feed, shown } = follow(stream);
  await shown();
  stream.sessions[0]?.deliver(0, 20);
  expect(numbers(await shown())).toHaveLength(20);
  feed.lost("gone");
  stream.tail = 5;
  feed.connected();
  await shown();
  expect(stream.sessions.map(({ from, isCancelled }) => [from, isCancelled])).toEqual([
    [0, true],
    [0, false],
  ]);
  stream.sessions[1]?.deliver(0, 5);
  const view = await shown();
  expect(view).toMatchObject({ wentBack: { from: 20, to: 5 }, reconnects: 0, hiSeqNum: 5 });
  expect(numbers(view)).toEqual([0, 1, 2, 3, 4]);
});

it("notices by the records themselves, when they come before the tail is told", async () => {
  const stream = new ScriptedStream();
  const { feed, shown } = follow(stream);
  await shown();
  stream.sessions[0]?.deliver(0, 20);
  await shown();
  feed.lost("gone");
  stream.gate = new Promise(() => undefined);
  feed.connected();
  stream.gate = Promise.resolve();
  stream.tail = 8;
  stream.sessions[0]?.deliver(7, 1);
  await shown();
  stream.sessions[1]?.deliver(0, 8);
  const view = await shown();
  expect(view.wentBack).toEqual({ from: 20, to: 7 });
  expect(numbers(view)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it("does not take records that came while the tail was asked for as gone", async () => {
  const stream = new ScriptedStream();
  const { feed, shown } = follow(stream);
  await shown();
  stream.sessions[0]?.deliver(0, 20);
  await shown();
  feed.lost("gone");
  stream.tail = 20;
  let answer: () => void = () => undefined;
  stream.gate = new Promise((resolve) => {
    answer = resolve;
  });
  feed.connected();
  stream.sessions[0]?.deliver(20, 10);
  await shown();
  answer();
  const view = await shown();
  expect(view).toMatchObject({ wentBack: undefined, reconnects: 1, hiSeqNum: 30 });
  expect(stream.sessions).toHaveLength(1);
});

it("says what is wrong with a name that cannot be, instead of loading for ever", async () => {
  const { shown } = follow(new ScriptedStream(), () => {
    throw new Error("such a name cannot be");
  });
  expect((await shown()).phase).toMatchObject({
    kind: "failed",
    failure: { message: expect.stringContaining("cannot be") as string },
  });
});

it("tells how long an outage lasts while it lasts", async () => {
  const stream = new ScriptedStream();
  const { feed, clock, shown } = follow(stream);
  await shown();
  feed.lost("gone");
  const first = await shown();
  await clock.advanceAsync(3000);
  const later = await shown();
  expect(first.phase.kind).toBe("reconnecting");
  expect(later).not.toBe(first);
  expect(later.phase).toEqual(first.phase);
});

it("sends a page in the background one picture in a minute of a thousand records a second, then the newest", async () => {
  const stream = new ScriptedStream();
  let isHidden = false;
  const { feed, clock, shown, views } = follow(
    stream,
    () => stream,
    () => !isHidden,
  );
  await shown();
  stream.sessions[0]?.deliver(0, 100);
  await shown();
  isHidden = true;
  const before = views.length;
  let written = 100;
  for (let i = 0; i < 60 * 20; i++) {
    stream.sessions[0]?.deliver(written, 50);
    written += 50;
    await clock.advanceAsync(50);
  }
  expect(views.length - before).toBe(1);
  isHidden = false;
  feed.drawn();
  const view = await shown();
  expect(view).toMatchObject({ loaded: 10_000, sampling: 1, hiSeqNum: written });
  expect(numbers(view).at(-1)).toBe(written - 1);
  expect(views.length - before).toBeLessThanOrEqual(3);
});
