// A well-behaved client beside an attack: appends a record, reads it back, and again; what is refused
// with a word to come back is tried again. Tells how well it was served.

import { setTimeout as sleep } from "node:timers/promises";
import { call } from "../../support/call.js";

const BASIN = "neighbour-basin";

export interface Service {
  readonly appends: number;
  readonly reads: number;
  /** Answers that said to come back later. */
  readonly refusals: number;
  /** Longest time without an acknowledged append and a read; and of each, from the first try on. */
  readonly longestGapMs: number;
  readonly longestAppendMs: number;
  readonly longestReadMs: number;
  /** Acknowledged records that a read did not give. */
  readonly lost: number;
}

export interface Neighbour {
  /** Records that were appended and read back so far. */
  readonly served: number;
  stop(): Promise<Service>;
}

export async function watchNeighbour(url: string): Promise<Neighbour> {
  await call(url, "PUT", `/v1/basins/${BASIN}`);
  await call(url, "PUT", "/v1/streams/watched", { basin: BASIN });
  let appends = 0;
  let reads = 0;
  let refusals = 0;
  let lost = 0;
  let longestGapMs = 0;
  let longestAppendMs = 0;
  let longestReadMs = 0;
  let servedMs = performance.now();
  let isOver = false;
  const untilServed = async (attempt: () => ReturnType<typeof call>) => {
    for (;;) {
      const answer = await attempt();
      if (answer.status === 200) return answer;
      if (answer.status !== 502 && answer.status !== 503 && answer.status !== 429)
        throw new Error(`the neighbour was refused status=${answer.status} body=${answer.text}`);
      refusals++;
      await sleep(20);
    }
  };
  const serve = async (): Promise<void> => {
    const body = `${appends}`;
    const startMs = performance.now();
    await untilServed(() =>
      call(url, "POST", "/v1/streams/watched/records", {
        basin: BASIN,
        json: { records: [{ body }], match_seq_num: appends },
      }),
    );
    const appendedMs = performance.now();
    longestAppendMs = Math.max(longestAppendMs, appendedMs - startMs);
    const path = `/v1/streams/watched/records?seq_num=${appends}&count=1`;
    const { json } = await untilServed(() => call(url, "GET", path, { basin: BASIN }));
    appends++;
    if (json.records[0]?.body === body) reads++;
    else lost++;
    const nowMs = performance.now();
    longestReadMs = Math.max(longestReadMs, nowMs - appendedMs);
    longestGapMs = Math.max(longestGapMs, nowMs - servedMs);
    servedMs = nowMs;
    await sleep(5);
  };
  const running = (async () => {
    while (!isOver) await serve();
  })();
  // Whoever stops it hears of it.
  running.catch(() => undefined);
  return {
    get served() {
      return reads;
    },
    async stop() {
      isOver = true;
      await running;
      return {
        appends,
        reads,
        refusals,
        longestGapMs: Math.round(longestGapMs),
        longestAppendMs: Math.round(longestAppendMs),
        longestReadMs: Math.round(longestReadMs),
        lost,
      };
    },
  };
}
