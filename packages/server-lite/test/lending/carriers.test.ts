// Lent buffers over every carrier, with each returned one written over at once: readers that are slow,
// quick, or gone see the bytes of their records and no others, and in the end nothing is lent.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CARRIERS,
  type Carrier,
  type Check,
  fillLender,
  type Lender,
  openLender,
  RECORDS,
  readUnary,
  s2sCheck,
  sseCheck,
} from "./support.js";

const FORMS: Readonly<Record<string, { headers: Record<string, string>; check: () => Check }>> = {
  S2S: { headers: { "content-type": "s2s/proto" }, check: s2sCheck },
  "compressed S2S": {
    headers: { "content-type": "s2s/proto", "accept-encoding": "zstd" },
    check: s2sCheck,
  },
  SSE: { headers: { accept: "text/event-stream" }, check: sseCheck },
};
const CASES = Object.keys(CARRIERS).flatMap((carrier) =>
  // A WebSocket speaks plain S2S alone.
  Object.keys(FORMS)
    .filter((form) => carrier !== "WebSocket" || form === "S2S")
    .map((form) => ({ carrier, form })),
);
/** Between two looks of a slow reader, ms. */
const SLOW_MS = 4;

async function readAll(answer: Readable, check: Check, pauseMs: number): Promise<number> {
  for await (const chunk of answer) {
    if (pauseMs > 0) await sleep(pauseMs);
    check.take(chunk);
  }
  return check.count;
}

/** Takes some, stops until the server has written all that it may, and is gone without a word. */
async function vanish(answer: Readable): Promise<void> {
  answer.on("error", () => undefined);
  answer.once("data", () => answer.pause());
  await sleep(50);
  answer.destroy();
}

describe.each([{ tls: false }, { tls: true }])("with TLS: $tls", ({ tls }) => {
  const directory = mkdtempSync(join(tmpdir(), "s2kit-lending-"));
  let lender: Lender;
  beforeAll(async () => {
    lender = await openLender(directory, tls ? { tls: { selfSigned: true } } : {});
    await fillLender(lender);
  });
  afterAll(async () => {
    await lender.plain.server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  // What TLS changes is how bytes leave, whatever they mean.
  const usable = tls
    ? CASES.filter(({ carrier, form }) => carrier.startsWith("HTTP") && form === "S2S")
    : CASES;

  const open = ({ carrier, form }: (typeof CASES)[number]): Promise<Readable> =>
    (CARRIERS[carrier] as Carrier)(lender.plain, FORMS[form]?.headers ?? {});

  /** A reset of HTTP/2 in TLS may be lost by the platform, and is found by pings, a minute apart. */
  const mayVanish = ({ carrier }: (typeof CASES)[number]): boolean => !tls || carrier !== "HTTP/2";

  test("a reader that stops has buffers lent, and none when it is gone", async () => {
    const { plain } = lender;
    // The windows of the HTTP/2 client hold the whole answer: it never stops the server.
    const stopping = usable.filter(({ carrier, form }) => form === "S2S" && carrier !== "HTTP/2");
    for (const { carrier, form } of stopping) {
      const answer = await open({ carrier, form });
      answer.on("error", () => undefined);
      answer.once("data", () => answer.pause());
      // In the process the caller keeps what it was given, and holds up its reader.
      await expect
        .poll(() => plain.left()["lent buffers"] ?? 0, { message: carrier })
        .toBeGreaterThan(0);
      answer.destroy();
      await expect.poll(() => plain.left(), { message: carrier }).toEqual({});
    }
  });

  test.each(usable)("$form over $carrier, quick and slow beside those who vanish", async (each) => {
    const check = (FORMS[each.form] as (typeof FORMS)[string]).check;
    const count = mayVanish(each) ? 4 : 0;
    const vanishing = Array.from({ length: count }, async () => vanish(await open(each)));
    const counts = await Promise.all([
      readAll(await open(each), check(), SLOW_MS),
      readAll(await open(each), check(), 0),
      readAll(await open(each), check(), 0),
    ]);
    expect(counts).toEqual([RECORDS, RECORDS, RECORDS]);
    await Promise.all(vanishing);
    await expect.poll(() => lender.plain.left()).toEqual({});
  });

  test("all carriers at once, and answers in JSON and protobuf", async () => {
    const { url } = lender.plain;
    const counts = await Promise.all([
      ...usable.map(async (each) => {
        const check = (FORMS[each.form] as (typeof FORMS)[string]).check();
        if (mayVanish(each)) void open(each).then(vanish);
        return readAll(await open(each), check, each.form === "S2S" ? SLOW_MS : 0);
      }),
      ...(tls ? [] : [readUnary(url, false), readUnary(url, true)]),
    ]);
    expect(new Set(counts)).toEqual(new Set([RECORDS]));
    await expect.poll(() => lender.plain.left()).toEqual({});
  });
});
