// Random requests from seeds: bytes and queries that are nearly right. Histories against the model
// are in histories.ts. A failure names its seed; `--seed` and `--only` replay it.

import { type Random, randomInteger } from "@s2kit/core";
import { define, type Suite } from "../../case.js";
import { frameOf, takeFrames } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { CODES } from "../../codes.js";
import { equal, ok } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import { HISTORIES } from "./histories.js";
import { pick, rounds } from "./rounds.js";

/** A refusal has a code of the table under its status; anything else is success. */
function isCoded(answer: Answer, what: string): void {
  if (answer.status >= 200 && answer.status < 300) return;
  if (answer.status === 412 || answer.status === 416) return;
  ok(
    answer.status >= 400 && answer.status < 500,
    `${what} is answered ${answer.status} ${answer.text.slice(0, 200)}`,
  );
  const rule = CODES[answer.json?.code as string];
  equal(rule?.status, answer.status, `${what}: status of the code ${answer.json?.code}`);
}

function mutate(random: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let left = randomInteger(random, 1, 3); left > 0; left--) {
    const at = randomInteger(random, 0, Math.max(0, changed.length - 1));
    const kind = randomInteger(random, 0, 2);
    if (kind === 0) changed[at] = randomInteger(random, 0, 255);
    else if (kind === 1) return changed.subarray(0, at);
    else changed.copy(changed, at, randomInteger(random, 0, at));
  }
  return changed;
}

async function bodies(context: Context): Promise<void> {
  await rounds(context, async (random) => {
    const stream = await context.stream();
    const json = Buffer.from(
      '{"records":[{"body":"hello","headers":[["k","v"]],"timestamp":5}],"fencing_token":""}',
    );
    const proto = Buffer.from(
      encodeInput({
        records: [{ timestamp: 5, headers: [["k", "v"]], body: "hello" }],
        fencingToken: "",
      }),
    );
    for (let step = 0; step < 20; step++) {
      const before = (await stream.tail()).seq_num;
      const isJson = random.next() < 0.5;
      const body = mutate(random, isJson ? json : proto);
      const answer = await context.call("POST", stream.path, {
        basin: stream.basin,
        body,
        headers: { "content-type": isJson ? "application/json" : "application/protobuf" },
      });
      isCoded(answer, `body ${body.toString("hex")}`);
      const after = (await stream.tail()).seq_num;
      ok(
        answer.status === 200 ? after > before : after === before,
        `body ${body.toString("hex")}: ${answer.status}, and the tail went from ${before} to ${after}`,
      );
    }
  });
}

async function queries(context: Context): Promise<void> {
  await rounds(context, async (random) => {
    const stream = await context.stream();
    await stream.bodies("a", "b");
    for (let step = 0; step < 20; step++) {
      const part = (): string => {
        const key = pick(random, [
          "seq_num",
          "timestamp",
          "tail_offset",
          "count",
          "bytes",
          "until",
          "clamp",
          "wait",
          "x",
          "",
        ]);
        const value = pick(random, [
          "0",
          "1",
          "-1",
          "",
          "true",
          "1e9",
          "18446744073709551615",
          "18446744073709551616",
          "%30",
          "+1",
          " 1",
          "0x1",
          "1,2",
        ]);
        return `${key}=${encodeURI(key === "wait" && value.length > 1 ? "0" : value)}`;
      };
      const query = Array.from({ length: randomInteger(random, 0, 4) }, part)
        .join("&")
        .replaceAll("wait=1&", "wait=0&")
        .replace(/wait=(1|%30|%2B1|\+1|%201)$/, "wait=0");
      isCoded(await stream.get(query), `?${query}`);
    }
  });
}

async function frames(context: Context): Promise<void> {
  await rounds(context, async (random) => {
    const stream = await context.stream();
    const good = frameOf(
      encodeInput({ records: [{ timestamp: 5, headers: [["k", "v"]], body: "hello" }] }),
    );
    for (let step = 0; step < 6; step++) {
      const bytes = mutate(random, good);
      const session = await stream.open("append", "h1");
      session.send(bytes);
      session.half();
      const got = await session.rest();
      const last = got.at(-1);
      if (last?.isTerminal === true)
        ok(
          [400, 409, 412, 422].includes(last.message.readUInt16BE(0)),
          `frame ${bytes.toString("hex")}: terminal ${last.message.toString("latin1")}`,
        );
      else equal(got.length, completeFrames(bytes), `frame ${bytes.toString("hex")}: acks`);
    }
  });
}

function completeFrames(bytes: Buffer): number {
  try {
    return takeFrames(bytes).frames.length;
  } catch {
    // Reserved bits, which servers ignore.
    return 1;
  }
}

export const RANDOM: Suite = {
  name: "random",
  title: "Random requests from seeds",
  cases: [
    ...HISTORIES,
    define(
      "bodies",
      "c#errors d#body d#messages",
      "bodies that are nearly right get a coded error or take effect whole",
      bodies,
    ),
    define(
      "queries",
      "c#queries d#parameters c#errors",
      "queries of any kind get a coded error or an answer",
      queries,
    ),
    define(
      "frames",
      "d#frames d#append-session",
      "frames that are nearly right end with a coded terminal frame",
      frames,
    ),
  ],
};
