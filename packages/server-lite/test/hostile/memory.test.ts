// Crowds: many connections, many bodies that never end, many answers that nobody takes. What the
// process holds for all of them together is bounded, and whoever behaves is served.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import type { ServerSettings } from "../../src/index.js";
import { call } from "../support/call.js";
import {
  appendBytes,
  deafReaders,
  deafWebSockets,
  halfBodies,
  halfFrames,
  halfMessages,
  heldUploads,
  idleSessions,
  makeStream,
  pinningFollowers,
  type Target,
  tinyChunks,
  windowlessReaders,
} from "./support/attacks.js";
import { heldBy } from "./support/figures.js";
import {
  END_HEADERS,
  frame,
  framesOf,
  headerBlock,
  opening,
  requestFields,
  TYPE,
} from "./support/h2-frames.js";
import { watchNeighbour } from "./support/neighbour.js";
import { RawSocket } from "./support/raw-socket.js";
import { besideNeighbour, startVictim, type Victim } from "./support/victim.js";

const MIB = 1024 * 1024;
const BASIN = "crowded-basin";
const MAX_HELD_BYTES = 64 * MIB;
/** What stalls goes after two seconds; busy machines take longer for everything. */
const POLL = { timeout: 60_000, interval: 100 };

let victim: Victim | undefined;
const sockets: RawSocket[] = [];
const attackers: Disposable[] = [];
afterEach(async () => {
  for (const socket of [...sockets.splice(0), ...attackers.splice(0)]) socket[Symbol.dispose]();
  await victim?.[Symbol.asyncDispose]();
});

async function start(settings: ServerSettings = {}): Promise<Victim> {
  victim = await startVictim({ maxHeldBytes: MAX_HELD_BYTES, ...settings });
  await call(victim.url, "PUT", `/v1/basins/${BASIN}`);
  await call(victim.url, "PUT", "/v1/streams/s", { basin: BASIN });
  return victim;
}

function targetOf({ url, port }: Victim): Target {
  return { url, port, basin: BASIN, sockets: attackers };
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
  // A large body of someone else has to wait, but not for the crowd to leave: what has stalled goes.
  const json = { records: [{ body: "x".repeat(1_000_000) }] };
  const late = () => call(url, "POST", "/v1/streams/s/records", { basin: BASIN, json });
  await expect
    .poll(async () => {
      const { status, headers, json: answer } = await late();
      if (status !== 200)
        expect([status, answer.code, headers.get("retry-after-ms")]).toEqual([
          502,
          "hot_server",
          "1000",
        ]);
      return status;
    }, POLL)
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

/** Up to 4000, as far as this process and the server's may open files. */
function idleCount(): number {
  const report = process.report.getReport() as unknown as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const limit = Number(report.userLimits?.open_files?.soft);
  return Math.min(4000, Number.isNaN(limit) ? 4000 : Math.floor((limit - 200) / 500) * 500);
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

test("followers that do not read pin no slabs, however the records lie between others", async () => {
  const directory = mkdtempSync(join(tmpdir(), "s2kit-pins-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const attacked = await start({ storage: { kind: "disk", directory } });
  const target = targetOf(attacked);
  // What the caches take, they take before.
  for (let at = 0; at < 80; at++) await appendBytes(target, "s", 1_000_000);
  const before = await attacked.memory();
  await pinningFollowers(4, 5)(target);
  const { live } = await attacked.memory();
  // 20 slabs of 4 MiB with a tiny record each; four clients may hold 2 to 3 MiB each on their way.
  expect(live - before.live).toBeLessThan(30 * MIB);
}, 120_000);

test("uploads that are held back hold little, by window and by rate", async () => {
  const attacked = await start({
    limits: { perStream: { appendBytesPerSec: 100_000 } },
  });
  const before = await attacked.memory();
  await heldUploads("s", 6, 8)(targetOf(attacked));
  await expect.poll(async () => (await heldBy(attacked.url)).sum, POLL).toBeGreaterThan(MIB);
  const { live } = await attacked.memory();
  const held = await heldBy(attacked.url);
  expect(held.sum).toBeLessThanOrEqual(MAX_HELD_BYTES);
  // 48 clients want to send 9 MB each.
  expect(live - before.live).toBeLessThan(MAX_HELD_BYTES / 2 + 30 * MIB);
}, 120_000);

test("readers that stall wait in line and are cut off, and others read on", async () => {
  const attacked = await start();
  const target = targetOf(attacked);
  for (let at = 0; at < 12; at++) await appendBytes(target, "s", 1_000_000);
  const before = await attacked.memory();
  const neighbour = await watchNeighbour(attacked.url);
  await deafReaders("s", 150, { "content-type": "s2s/proto" })(target);
  await deafReaders("s", 50, { accept: "text/event-stream" })(target);
  await windowlessReaders(["s", "s"], 50, "seq_num=0")(target);
  await deafWebSockets("s", 30)(target);
  await expect.poll(async () => (await heldBy(attacked.url)).gaveWay, POLL).toBeGreaterThan(20);
  const held = await heldBy(attacked.url);
  expect(held.sum).toBeLessThanOrEqual(MAX_HELD_BYTES);
  const { live } = await attacked.memory();
  expect(live - before.live).toBeLessThan(MAX_HELD_BYTES / 2 + 30 * MIB);
  // How soon depends on the machine; that it goes on does not.
  await expect.poll(() => neighbour.served, POLL).toBeGreaterThan(10);
  const { appends, reads, lost } = await neighbour.stop();
  expect([reads, lost]).toEqual([appends, 0]);
}, 150_000);

test("bodies of one-byte chunks cost their length", async () => {
  const attacked = await start();
  const before = await attacked.memory();
  await tinyChunks("s", 2, 200_000)(targetOf(attacked));
  await expect
    .poll(async () => (await heldBy(attacked.url)).kinds.bodies, POLL)
    .toBeGreaterThan(390_000);
  const { live } = await attacked.memory();
  expect(live - before.live).toBeLessThan(12 * MIB);
}, 120_000);

test("everything at once stays under the budget, and a neighbour is served throughout", async () => {
  const attacked = await start({
    maxHeldBytes: 32 * MIB,
    appendInflightBytes: 8 * MIB,
    limits: { perStream: { appendBytesPerSec: 4 * MIB } },
  });
  const target = targetOf(attacked);
  for (const stream of ["big", "slow", "victim"]) await makeStream(target, stream);
  for (let at = 0; at < 4; at++) await appendBytes(target, "big", 900_000);
  const neighbour = await watchNeighbour(attacked.url);
  const attacks = [
    deafReaders("big", 40, { "content-type": "s2s/proto" }),
    deafReaders("big", 20),
    deafReaders("big", 20, { accept: "text/event-stream" }),
    windowlessReaders(["big", "big"], 20, "seq_num=0"),
    deafWebSockets("big", 10),
    heldUploads("slow", 2, 8),
    halfFrames("victim", 2, 20),
    halfMessages("victim", 10),
    halfBodies("victim", 10),
    tinyChunks("victim", 2, 50_000),
    idleSessions("victim", 2, 50),
  ];
  for (const attack of attacks) {
    // Whom the server cuts off has had its answer.
    await attack(target).catch(() => undefined);
    const held = await heldBy(attacked.url);
    // Bytes that are there before they are counted: a step on its way out, of one client each.
    expect(held.sum).toBeLessThanOrEqual(held.max + 2 * MIB);
  }
  const { live } = await attacked.memory();
  expect(live).toBeLessThan(32 * MIB + 8 * MIB + 100 * MIB);
  const { appends, reads, lost } = await neighbour.stop();
  expect([reads, lost]).toEqual([appends, 0]);
  expect(appends).toBeGreaterThan(10);
  for (const attacker of attackers.splice(0)) attacker[Symbol.dispose]();
  await expect.poll(async () => (await heldBy(attacked.url)).sum, POLL).toBe(0);
}, 120_000);
