// Crowds: many connections, many bodies that never end, many answers that nobody takes. What the
// process holds for all of them together is bounded, and whoever behaves is served.

import { afterEach, expect, test } from "vitest";
import type { ServerSettings } from "../../src/index.js";
import { call } from "../support/test-server.js";
import {
  END_HEADERS,
  frame,
  framesOf,
  headerBlock,
  opening,
  requestFields,
  TYPE,
} from "./support/h2-frames.js";
import { RawSocket } from "./support/raw-socket.js";
import { besideNeighbour, startVictim, type Victim } from "./support/victim.js";

const MIB = 1024 * 1024;
const BASIN = "crowded-basin";
const MAX_HELD_BYTES = 64 * MIB;

let victim: Victim | undefined;
const sockets: RawSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket[Symbol.dispose]();
  await victim?.[Symbol.asyncDispose]();
});

async function start(settings: ServerSettings = {}): Promise<Victim> {
  victim = await startVictim({ maxHeldBytes: MAX_HELD_BYTES, ...settings });
  await call(victim.url, "PUT", `/v1/basins/${BASIN}`);
  await call(victim.url, "PUT", "/v1/streams/s", { basin: BASIN });
  return victim;
}

async function dial(port: number): Promise<RawSocket> {
  const socket = await RawSocket.open(port);
  sockets.push(socket);
  return socket;
}

test("large bodies that never end are refused with hot_server before they fill the memory", async () => {
  const { url, port, memory } = await start();
  const part = Buffer.alloc(16_000, " ");
  const block = headerBlock(
    requestFields("POST", "/v1/streams/s/records", [
      ["s2-basin", BASIN],
      ["content-type", "application/json"],
    ]),
  );
  await besideNeighbour(url, async () => {
    // 3 connections with 30 bodies of 7.5 MB: ten times the room.
    for (let at = 0; at < 3; at++) {
      const socket = await dial(port);
      await socket.send(opening());
      await socket.until((received) => framesOf(received).length >= 2);
      for (let id = 1; id < 60; id += 2) {
        await socket.send(frame(TYPE.headers, END_HEADERS, id, block));
        const data = frame(TYPE.data, 0, id, part);
        for (let sent = 0; sent < 480; sent++) await socket.send(data);
      }
      await socket.until((received) => received.includes('"code":"hot_server"'));
    }
  });
  const { live, peakRss } = await memory();
  expect(live).toBeLessThan(MAX_HELD_BYTES + 60 * MIB);
  expect(peakRss).toBeLessThan(MAX_HELD_BYTES + 150 * MIB);
  // A large body of someone else has to wait, and learns when to come back.
  const json = { records: [{ body: "x".repeat(1_000_000) }] };
  const late = await call(url, "POST", "/v1/streams/s/records", { basin: BASIN, json });
  expect([late.status, late.json.code, late.headers.get("retry-after-ms")]).toEqual([
    502,
    "hot_server",
    "1000",
  ]);
  // As soon as the crowd is gone, there is room.
  for (const socket of sockets.splice(0)) socket[Symbol.dispose]();
  await expect
    .poll(
      async () => (await call(url, "POST", "/v1/streams/s/records", { basin: BASIN, json })).status,
    )
    .toBe(200);
});

test("frames that never end are refused with hot_server before they fill the memory", async () => {
  const { url, port, memory } = await start();
  const block = headerBlock(
    requestFields("POST", "/v1/streams/s/records", [
      ["s2-basin", BASIN],
      ["content-type", "s2s/proto"],
    ]),
  );
  const part = Buffer.alloc(16_000);
  await besideNeighbour(url, async () => {
    const socket = await dial(port);
    await socket.send(opening());
    await socket.until((received) => framesOf(received).length >= 2);
    // 100 sessions on one connection, each with a frame of 2 MiB but for its last bytes.
    for (let id = 1; id < 200; id += 2) {
      await socket.send(frame(TYPE.headers, END_HEADERS, id, block));
      await socket.send(frame(TYPE.data, 0, id, Buffer.from([0x1f, 0xff, 0xff, 0])));
      const data = frame(TYPE.data, 0, id, part);
      for (let sent = 0; sent < 130; sent++) await socket.send(data);
    }
    await socket.until((received) => received.includes('"code":"hot_server"'));
  });
  const { live } = await memory();
  expect(live).toBeLessThan(MAX_HELD_BYTES + 60 * MIB);
  // Sessions whose frames are small go on.
  const { json } = await call(url, "GET", "/v1/streams/s/records/tail", { basin: BASIN });
  expect(json.tail.seq_num).toBe(0);
});

test("answers that nobody takes are bounded together", async () => {
  const { url, port, memory } = await start();
  const json = { records: [{ body: "x".repeat(1_000_000) }] };
  await call(url, "POST", "/v1/streams/s/records", { basin: BASIN, json });
  await besideNeighbour(url, async () => {
    for (let at = 0; at < 300; at++) {
      const socket = await dial(port);
      socket.deafen();
      await socket.send(
        `GET /v1/streams/s/records?seq_num=0 HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\n\r\n`,
      );
    }
    await call(url, "GET", "/health");
  });
  const { live } = await memory();
  expect(live).toBeLessThan(MAX_HELD_BYTES + 60 * MIB);
});

/** Up to 10 000, as far as this process and the server's may open files. */
function idleCount(): number {
  const report = process.report.getReport() as unknown as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const limit = Number(report.userLimits?.open_files?.soft);
  return Math.min(10_000, Number.isNaN(limit) ? 10_000 : Math.floor((limit - 200) / 500) * 500);
}

test("thousands of idle connections cost little, and are closed when their time is over", async () => {
  const { url, port, memory } = await start({ headersTimeoutMs: 5000 });
  const before = await memory();
  const count = idleCount();
  await besideNeighbour(url, async () => {
    for (let at = 0; at < count; at += 500)
      await Promise.all(Array.from({ length: 500 }, () => dial(port)));
  });
  expect(sockets).toHaveLength(count);
  const { live, peakRss } = await memory();
  expect(live - before.live).toBeLessThan(count * 8 * 1024);
  expect(peakRss).toBeLessThan(200 * MIB);
  await besideNeighbour(url, () => Promise.all(sockets.map((socket) => socket.closed)));
});
