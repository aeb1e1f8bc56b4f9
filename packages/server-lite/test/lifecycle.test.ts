// The life of a server in every order that its calls can come: one port, one store, nothing left
// open, nobody waited for who does not come back.

import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect, createServer as createNetServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulatedClock } from "@s2kit/core/testing";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createServer, type S2Server } from "../src/index.js";
import { createMemoryStorage } from "../src/storage/memory/memory.js";
import { call, startServer } from "./support/test-server.js";

const basin = "lifecycle-basin";

/** Ports of this process that listen. */
function openPorts(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length;
}

async function takenPort(): Promise<{ port: number; blocker: Server }> {
  const blocker = createNetServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  return { port: (blocker.address() as { port: number }).port, blocker };
}

describe("a data directory", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "s2kit-life-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const locks = (): string[] => readdirSync(directory).filter((name) => name.startsWith("LOCK"));
  const serverOn = (settings: object = {}): S2Server =>
    createServer({
      port: 0,
      storage: { kind: "disk", directory, segmentBytes: 4 << 20 },
      ...settings,
    });

  test("is free again when the port is taken, and the start may be tried again", async () => {
    const { port, blocker } = await takenPort();
    const server = serverOn({ port });
    await expect(server.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect([locks(), server.status]).toEqual([[], "new"]);
    await new Promise((resolve) => blocker.close(resolve));
    expect((await server.listen()).port).toBe(port);
    await server.close();
    expect(locks()).toEqual([]);
  });

  test("stays open when the port is taken and somebody else uses the store", async () => {
    const { port, blocker } = await takenPort();
    const server = serverOn({ port });
    await server.open();
    await expect(server.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect((await server.fetch(new Request("http://s2/health"))).status).toBe(200);
    await server.close();
    blocker.close();
  });

  test("is free again when the init file is wrong", async () => {
    const initFile = join(directory, "init.json");
    writeFileSync(initFile, "{ nonsense");
    const server = serverOn({ initFile });
    await expect(server.listen()).rejects.toThrow();
    expect(locks()).toEqual([]);
    writeFileSync(initFile, "{}");
    await server.listen();
    await server.close();
  });

  test("may be tried again after another server left it", async () => {
    const first = serverOn();
    await first.open();
    const second = serverOn();
    await expect(second.listen()).rejects.toThrow(/another process uses/);
    await first.close();
    await second.listen();
    await second.close();
  });
});

describe("calls in any order", () => {
  beforeEach(() => expect.poll(openPorts).toBe(0));

  test("a second listen answers the address of the first, also while that is under way", async () => {
    await using server = createServer({ port: 0 });
    const [first, second] = await Promise.all([server.listen(), server.listen()]);
    expect([second, await server.listen()]).toEqual([first, first]);
    expect(openPorts()).toBe(1);
  });

  test("a close while it begins to listen leaves no port, and the listen says so", async () => {
    for (let turns = 0; turns < 12; turns++) {
      const server = createServer({ port: 0 });
      const listening = server.listen().then(
        () => "listened",
        (error: { code: string }) => error.code,
      );
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await server.close();
      expect(["listened", "SESSION_CLOSED"]).toContain(await listening);
      expect(server.status).toBe("closed");
      await expect.poll(openPorts).toBe(0);
    }
  });

  test("whatever the order, all calls settle and nothing is left open", async () => {
    const step = fc.record({
      call: fc.constantFrom("open", "listen", "fetch", "drain", "close"),
      waits: fc.boolean(),
      turns: fc.nat(6),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), async (steps) => {
        const server = createServer({ port: 0, drainGraceMs: 50 });
        const calls: Promise<unknown>[] = [];
        let hasStopped = false;
        for (const { call: name, waits, turns } of steps) {
          const done = (
            name === "fetch" ? server.fetch(new Request("http://s2/health")) : server[name]()
          ).then(
            () => "fine",
            (error: { code: string }) => error.code,
          );
          calls.push(done);
          // A stopped server opens no port, also when it had one.
          if (hasStopped && name === "listen") expect(await done).toBe("SESSION_CLOSED");
          hasStopped ||= name === "drain" || name === "close";
          // Before a stop nothing fails; after it only with the one code.
          if (waits)
            expect(hasStopped ? ["fine", "SESSION_CLOSED"] : ["fine"]).toContain(await done);
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        }
        for (const outcome of await Promise.all(calls))
          expect(["fine", "SESSION_CLOSED"]).toContain(outcome);
        await server.close();
        expect(server.status).toBe("closed");
        await expect(server.listen()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
        await expect(server.open()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
        await expect.poll(openPorts, { interval: 1 }).toBe(0);
      }),
      { numRuns: 60, seed: 11 },
    );
  });
});

describe("a stop does not wait for the rest of a body", () => {
  const HALF = '{"records":[{"body":"';

  test.each(["HTTP/1.1", "HTTP/2", "fetch"])("over %s", async (carrier) => {
    const clock = createSimulatedClock();
    const { server, url, port } = await startServer({ drainGraceMs: 10_000 }, { clock });
    await call(url, "PUT", `/v1/basins/${basin}`);
    await call(url, "PUT", "/v1/streams/s", { basin });
    const answer = await (carrier === "HTTP/1.1"
      ? halfOverHttp1(port)
      : carrier === "HTTP/2"
        ? halfOverHttp2(url)
        : halfInProcess(server));
    await expect.poll(() => openBodies(server)).toBe(1);
    const closing = server.close();
    // Long before the grace is over, and yet not at once: a body on its way may arrive.
    await clock.advanceAsync(1500);
    expect(openBodies(server)).toBe(1);
    await clock.advanceAsync(1000);
    expect(await answer()).toContain("server_draining");
    await clock.advanceAsync(2000);
    await closing;
  });

  const openBodies = (server: S2Server): number => {
    const ledger = Object.getOwnPropertySymbols(server)
      .map((key) => (server as unknown as Record<symbol, unknown>)[key])
      .find((value) => typeof value === "object") as { open: Record<string, number> };
    return ledger.open["arriving bodies"] ?? 0;
  };

  async function halfOverHttp1(port: number): Promise<() => Promise<string>> {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    socket.write(
      `POST /v1/streams/s/records HTTP/1.1\r\nhost: x\r\ns2-basin: ${basin}\r\n` +
        `content-type: application/json\r\ncontent-length: 1000\r\n\r\n${HALF}`,
    );
    return async () => {
      await expect.poll(() => text).toContain("}");
      socket.destroy();
      return text;
    };
  }

  async function halfOverHttp2(url: string): Promise<() => Promise<string>> {
    const session = connectHttp2(url);
    session.on("error", () => undefined);
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/streams/s/records",
      "s2-basin": basin,
      "content-type": "application/json",
    });
    let text = "";
    stream.on("error", () => undefined);
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
    stream.write(HALF);
    return async () => {
      await expect.poll(() => text).toContain("}");
      session.destroy();
      return text;
    };
  }

  async function halfInProcess(server: S2Server): Promise<() => Promise<string>> {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(HALF));
      },
    });
    const init = {
      method: "POST",
      headers: { "s2-basin": basin, "content-type": "application/json" },
      body,
      duplex: "half" as const,
    };
    const response = server.fetch(new Request("http://s2/v1/streams/s/records", init));
    return async () => (await response).text();
  }
});

test("an append that the disk does not take is answered before the stop cuts its connection", async () => {
  const storage = createMemoryStorage();
  const { server, url } = await startServer({ drainGraceMs: 200 }, { storage });
  await call(url, "PUT", `/v1/basins/${basin}`);
  await call(url, "PUT", "/v1/streams/s", { basin });
  storage.holdDurability();
  const json = { records: [{ body: "x" }] };
  const append = call(url, "POST", "/v1/streams/s/records", { basin, json });
  await expect.poll(() => storage.streamState(1)?.tail.seqNum).toBe(1);
  const closing = server.close();
  const { status, json: failure } = await append;
  expect([status, failure.code, failure.message]).toEqual([
    500,
    "storage",
    expect.stringContaining("not known"),
  ]);
  await closing;
});

test("what comes behind a grace period ends well below the 10 s of container runtimes", async () => {
  const clock = createSimulatedClock();
  const storage = createMemoryStorage();
  const { server, url } = await startServer({ drainGraceMs: undefined }, { storage, clock });
  await call(url, "PUT", `/v1/basins/${basin}`);
  await call(url, "PUT", "/v1/streams/s", { basin });
  storage.holdDurability();
  const json = { records: [{ body: "x" }] };
  const append = call(url, "POST", "/v1/streams/s/records", { basin, json }).catch(() => undefined);
  await expect.poll(() => storage.streamState(1)?.tail.seqNum).toBe(1);
  let isClosed = false;
  const closing = server.close().then(() => {
    isClosed = true;
  });
  for (let ms = 0; ms < 7000 && !isClosed; ms += 100) await clock.advanceAsync(100);
  await expect.poll(() => isClosed).toBe(true);
  await closing;
  await append;
});
