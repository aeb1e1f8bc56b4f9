// The client side of the benchmarks: bare protocol clients that cost as little as possible, so that
// the server is what is measured. They check no content; tests do.

import { fork } from "node:child_process";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { fileURLToPath } from "node:url";
import { encodeAppendInput, encodeMessageFrame } from "../../../core/dist/index.js";

export const BASIN = "benchmark-basin";

export async function startProcess(kind, directory = "") {
  const child = fork(fileURLToPath(new URL("server-process.mjs", import.meta.url)), [
    kind,
    directory,
  ]);
  const message = () => new Promise((resolve) => child.once("message", resolve));
  const { port } = await message();
  return {
    port,
    async stats() {
      const answer = message();
      child.send("stats");
      return answer;
    },
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.disconnect();
      }),
  };
}

export function inputFrame(records, bytes) {
  const body = new Uint8Array(bytes).fill(120);
  return Buffer.from(
    encodeMessageFrame(
      encodeAppendInput({
        records: Array.from({ length: records }, () => ({
          timestamp: undefined,
          headers: [],
          body,
        })),
      }),
    ),
  );
}

export async function makeStreams(port, names) {
  const call = async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "PUT",
      headers: { "s2-basin": BASIN },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
  };
  await call(`/v1/basins/${BASIN}`);
  for (const name of names) await call(`/v1/streams/${name}`);
}

export function openConnection(port) {
  const session = connectHttp2(`http://127.0.0.1:${port}`, {
    maxSessionMemory: 256,
    settings: { initialWindowSize: 8 * 1024 * 1024, maxFrameSize: 1024 * 1024 },
  });
  session.on("connect", () => session.setLocalWindowSize(64 * 1024 * 1024));
  session.on("error", (error) => console.error("client connection:", error.message));
  return session;
}

/** Keeps `outstanding` frames in flight on one append stream; counts acks, and times them. */
export function appendLoop(session, stream, frame, outstanding) {
  const request = session.request({
    ":method": "POST",
    ":path": `/v1/streams/${stream}/records`,
    "s2-basin": BASIN,
    "content-type": "s2s/proto",
  });
  return frameLoop(request, frame, outstanding);
}

export function tcpLoop(port, frame, outstanding) {
  return frameLoop(connectTcp({ port, host: "127.0.0.1", noDelay: true }), frame, outstanding);
}

function frameLoop(duplex, frame, outstanding) {
  const loop = { acks: 0, latencies: undefined, stop };
  const sentAt = [];
  let isStopped = false;
  let skip = 0;
  let head = Buffer.alloc(0);
  duplex.on("error", (error) => isStopped || console.error("client stream:", error.message));
  const send = () => {
    if (loop.latencies !== undefined) sentAt.push(performance.now());
    duplex.write(frame);
  };
  const ack = () => {
    loop.acks++;
    const start = sentAt.shift();
    if (start !== undefined) loop.latencies.push((performance.now() - start) * 1000);
    if (!isStopped) send();
  };
  duplex.on("data", (chunk) => {
    let bytes = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    head = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (skip > 0) {
        const step = Math.min(skip, bytes.length);
        skip -= step;
        bytes = bytes.subarray(step);
        if (skip === 0) ack();
        continue;
      }
      if (bytes.length < 4) {
        head = bytes;
        break;
      }
      if (bytes[3] === 0x80) throw new Error(`terminal frame: ${bytes.subarray(6, 300)}`);
      skip = 3 + bytes.readUIntBE(0, 3);
    }
  });
  for (let i = 0; i < outstanding; i++) send();
  function stop() {
    isStopped = true;
    duplex.destroy();
  }
  return loop;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Acks per second over `ms`, after a warm-up. */
export async function rateOf(loops, ms) {
  await pause(600);
  const before = loops.reduce((sum, loop) => sum + loop.acks, 0);
  const start = performance.now();
  await pause(ms);
  const acks = loops.reduce((sum, loop) => sum + loop.acks, 0) - before;
  return acks / ((performance.now() - start) / 1000);
}
