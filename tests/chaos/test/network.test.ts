// The proxy on real sockets: what each weather and each strike does to a connection, and that it forgets what was given up.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FaultyProxy } from "../src/network/faulty-proxy.ts";

/** Both ends of one connection through a proxy. */
async function connected(): Promise<
  AsyncDisposable & { proxy: FaultyProxy; client: Socket; peer: Socket; heard: () => string }
> {
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = await FaultyProxy.start(() => port);
  const arrived = once(server, "connection") as Promise<[Socket]>;
  const client = connect(proxy.port, "127.0.0.1");
  const [peer] = await arrived;
  let text = "";
  peer.on("data", (bytes: Buffer) => (text += bytes.toString()));
  for (const socket of [client, peer]) socket.on("error", () => undefined);
  return {
    proxy,
    client,
    peer,
    heard: () => text,
    async [Symbol.asyncDispose]() {
      client.destroy();
      peer.destroy();
      await proxy[Symbol.asyncDispose]();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whatever the reason. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}

const SHORT_MS = 60;

describe("a connection through the proxy", () => {
  it("carries bytes both ways", async () => {
    await using world = await connected();
    world.client.write("there");
    await expect.poll(world.heard).toBe("there");
    world.peer.write("back");
    expect(String((await once(world.client, "data"))[0])).toBe("back");
  });

  it("holds bytes back, and brings them all when the weather clears", async () => {
    await using world = await connected();
    world.proxy.setWeather("up", { kind: "hold" });
    world.client.write("one");
    world.client.write("two");
    await sleep(SHORT_MS);
    expect(world.heard()).toBe("");
    world.proxy.setWeather("both", { kind: "clear" });
    await expect.poll(world.heard).toBe("onetwo");
  });

  it("brings bytes later, in order", async () => {
    await using world = await connected();
    world.proxy.setWeather("both", { kind: "delay", ms: 80 });
    const sentMs = performance.now();
    for (let at = 0; at < 5; at++) world.client.write(`${at}`);
    await expect.poll(world.heard).toBe("01234");
    expect(performance.now() - sentMs).toBeGreaterThan(70);
  });

  it("brings bytes in drops", async () => {
    await using world = await connected();
    world.proxy.setWeather("both", { kind: "throttle", bytesPerSec: 4000 });
    world.client.write("x".repeat(400));
    await expect.poll(() => world.heard().length).toBeGreaterThan(0);
    expect(world.heard().length).toBeLessThan(400);
    await expect.poll(() => world.heard().length).toBe(400);
  });

  it("is reset on both sides", async () => {
    await using world = await connected();
    const ends = Promise.all([closed(world.client), closed(world.peer)]);
    world.proxy.strikeNewest("reset");
    await ends;
    expect(world.proxy.openConnections).toBe(0);
  });

  it("ends cleanly in the middle", async () => {
    await using world = await connected();
    world.client.resume();
    const ends = Promise.all([once(world.client, "end"), once(world.peer, "end")]);
    world.proxy.strikeNewest("end");
    await ends;
  });

  it("says nothing more when its bytes are lost", async () => {
    await using world = await connected();
    world.proxy.strikeNewest("mute");
    world.client.write("unheard");
    await sleep(SHORT_MS);
    expect(world.heard()).toBe("");
    world.peer.write("still said");
    expect(String((await once(world.client, "data"))[0])).toBe("still said");
  });

  it("drops what its client gave up", async () => {
    await using world = await connected();
    world.proxy.setWeather("up", { kind: "hold" });
    world.client.write("given up");
    await sleep(SHORT_MS);
    const gone = closed(world.peer);
    world.client.destroy();
    world.peer.end();
    await gone;
    world.proxy.setWeather("both", { kind: "clear" });
    expect(world.heard()).toBe("");
  });

  it("is refused while no server listens", async () => {
    await using proxy = await FaultyProxy.start(() => undefined);
    const client = connect(proxy.port, "127.0.0.1");
    client.on("error", () => undefined);
    await closed(client);
    expect(proxy.connections).toBe(0);
  });
});
