// Append, read and check-tail behave as if each happened at one moment between request and answer.
// Concurrent clients over real sockets record when they asked and what they got; the final log is
// the order that must explain all of it. Spec: data-plane#guarantees.

import { randomInteger, seededRandom } from "@s2kit/core";
import { describe, expect, test } from "vitest";
import { type Answer, call, ENGINES, startServer, storageOf } from "./support/test-server.js";

const basin = "linearizable-basin";
const PATH = "/v1/streams/s/records";
const CLIENTS = 8;
const STEPS = 40;

type Operation =
  | {
      readonly kind: "append";
      readonly count: number;
      readonly match?: number;
      readonly token?: string;
      readonly fence?: string;
    }
  | { readonly kind: "tail" }
  | { readonly kind: "read" };

interface Event {
  readonly operation: Operation;
  /** Places in the one order of all requests and answers of this process. */
  readonly asked: number;
  readonly answered: number;
  readonly answer: Answer;
}

interface LogRecord {
  readonly seq_num: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

describe.each(ENGINES)("on %s", (engine) => {
  test.each([1, 2, 3])(
    "one order explains everything that concurrent clients saw, seed %i",
    async (seed) => {
      const { server, url } = await startServer({ storage: storageOf(engine) });
      await call(url, "PUT", `/v1/basins/${basin}`);
      await call(url, "PUT", "/v1/streams/s", { basin });
      let tick = 0;
      const events: Event[] = [];
      const run = async (operation: Operation, client: number, step: number): Promise<void> => {
        const asked = ++tick;
        const answer = await send(url, operation, `${client}.${step}`);
        events.push({ operation, asked, answered: ++tick, answer });
      };
      let lastSeen = 0;
      await Promise.all(
        Array.from({ length: CLIENTS }, async (_, client) => {
          const random = seededRandom(seed * 1000 + client);
          for (let step = 0; step < STEPS; step++) {
            await run(choose(randomInteger(random, 0, 9), random.next(), lastSeen), client, step);
            const { json } = events.at(-1)?.answer ?? {};
            lastSeen = json?.tail?.seq_num ?? json?.seq_num_mismatch ?? lastSeen;
          }
        }),
      );
      const log = await wholeLog(url);
      for (const event of events) explain(event, events, log);
      // The run was about something: appends that won, conditions that failed, reads that saw.
      const statuses = events.map(({ answer }) => answer.status);
      expect(statuses.filter((status) => status === 412).length).toBeGreaterThan(10);
      expect(log.length).toBeGreaterThan(50);
      await server.close();
    },
  );
});

function choose(kind: number, chance: number, lastSeen: number): Operation {
  const count = 1 + Math.floor(chance * 3);
  const token = chance < 0.5 ? "a" : "";
  if (kind <= 2) return { kind: "append", count };
  if (kind <= 5) return { kind: "append", count, match: lastSeen };
  if (kind === 6) return { kind: "append", count, token };
  if (kind === 7)
    return { kind: "append", count: 1, fence: chance < 0.3 ? "a" : chance < 0.6 ? "b" : "" };
  return kind === 8 ? { kind: "tail" } : { kind: "read" };
}

function send(url: string, operation: Operation, id: string): Promise<Answer> {
  if (operation.kind === "tail") return call(url, "GET", `${PATH}/tail`, { basin });
  if (operation.kind === "read") return call(url, "GET", `${PATH}?seq_num=0&wait=0`, { basin });
  const { count, match, token, fence } = operation;
  const records =
    fence === undefined
      ? Array.from({ length: count }, (_, i) => ({ body: `${id}.${i}` }))
      : [{ headers: [["", "fence"]], body: fence }];
  return call(url, "POST", PATH, {
    basin,
    json: { records, match_seq_num: match, fencing_token: token },
  });
}

async function wholeLog(url: string): Promise<LogRecord[]> {
  const log: LogRecord[] = [];
  for (;;) {
    const { status, json } = await call(url, "GET", `${PATH}?seq_num=${log.length}`, { basin });
    if (status === 416) return log;
    log.push(...(json.records as LogRecord[]));
  }
}

/** Checks one event against the log and what else was going on. */
function explain(event: Event, events: readonly Event[], log: readonly LogRecord[]): void {
  const { operation, answer } = event;
  const ends = (filter: (other: Event) => boolean): number[] =>
    events
      .filter(
        (other) =>
          other.operation.kind === "append" && other.answer.status === 200 && filter(other),
      )
      .map((other) => other.answer.json.end.seq_num as number);
  // Whatever it saw lies between what was acknowledged before and what was asked for until then.
  const atLeast = Math.max(0, ...ends((other) => other.answered < event.asked));
  const boundaries = new Set([0, ...ends((other) => other.asked < event.answered)]);
  const isPossibleTail = (seqNum: number): boolean => seqNum >= atLeast && boundaries.has(seqNum);

  if (operation.kind === "tail") {
    expect(answer.status).toBe(200);
    expect(isPossibleTail(answer.json.tail.seq_num)).toBe(true);
    return;
  }
  if (operation.kind === "read") {
    if (answer.status === 416) expect([answer.json.tail.seq_num, atLeast]).toEqual([0, 0]);
    else {
      expect(answer.json.records).toEqual(log.slice(0, answer.json.records.length));
      expect(isPossibleTail(answer.json.records.length)).toBe(true);
    }
    return;
  }
  if (answer.status === 200) {
    const start = answer.json.start.seq_num as number;
    expect(isPossibleTail(start)).toBe(true);
    expect(answer.json.end.seq_num - start).toBe(operation.count);
    if (operation.match !== undefined) expect(start).toBe(operation.match);
    if (operation.token !== undefined) expect(tokenBefore(log, start)).toBe(operation.token);
    return;
  }
  expect(answer.status).toBe(412);
  const { seq_num_mismatch: seqNum, fencing_token_mismatch: token } = answer.json;
  if (seqNum !== undefined) {
    expect(seqNum).not.toBe(operation.match);
    expect(isPossibleTail(seqNum)).toBe(true);
  } else {
    expect(token).not.toBe(operation.token);
    const moments = [...boundaries].filter((boundary) => boundary >= atLeast);
    expect(moments.map((moment) => tokenBefore(log, moment))).toContain(token);
  }
}

/** The fencing token in force for an append that starts here. */
function tokenBefore(log: readonly LogRecord[], seqNum: number): string {
  for (let at = seqNum - 1; at >= 0; at--)
    if (log[at]?.headers?.[0]?.[0] === "") return log[at]?.body ?? "";
  return "";
}
