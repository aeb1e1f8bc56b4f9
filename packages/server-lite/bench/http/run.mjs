// Runs the server benchmarks and prints each figure beside its reference and its goal.
// `node packages/server-lite/bench/http/run.mjs [names…] [--rounds=N]`

import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { connect as connectTcp } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import {
  appendLoop,
  BASIN,
  inputFrame,
  makeStreams,
  median,
  openConnection,
  pause,
  percentile,
  rateOf,
  startProcess,
  tcpLoop,
} from "./load.mjs";

const args = process.argv.slice(2);
const rounds = Number(args.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 3);
const wanted = args.filter((arg) => !arg.startsWith("--"));
const RUN_MS = 1500;
const root = mkdtempSync(join(process.env.S2KIT_BENCH_DIR ?? tmpdir(), "s2kit-bench-"));
let serial = 0;
const freshDirectory = () => join(root, `data-${++serial}`);

const SCENARIOS = { append, latency, small, unary, catchup, followers, start };

console.log(
  `node ${process.version}, ${cpus()[0].model} x ${cpus().length}, rounds ${rounds}, data in ${root}`,
);
try {
  for (const [name, scenario] of Object.entries(SCENARIOS))
    if (wanted.length === 0 || wanted.includes(name)) await scenario();
} finally {
  rmSync(root, { recursive: true, force: true });
}
process.exit(0);

function report(name, value, unit, reference, goal) {
  const number = (x) => (x >= 100 ? Math.round(x).toLocaleString("en") : x.toFixed(2));
  const beside =
    reference === undefined
      ? ""
      : `  R ${number(reference)} ${unit}  ratio ${(value / reference).toFixed(2)}`;
  console.log(`${name.padEnd(46)} ${number(value)} ${unit}${beside}  (goal ${goal})`);
}

async function rounded(measure) {
  const values = [];
  for (let i = 0; i < rounds; i++) values.push(await measure());
  return median(values);
}

async function uploadRate(kind, frame, connections, outstanding) {
  const server = await startProcess(kind, freshDirectory());
  const streams = Array.from({ length: connections }, (_, i) => `s${i}`);
  if (kind === "s2kit" || kind === "memory") await makeStreams(server.port, streams);
  const sessions = kind === "tcp" ? [] : streams.map(() => openConnection(server.port));
  const loops = streams.map((stream, i) =>
    kind === "tcp"
      ? tcpLoop(server.port, frame, outstanding)
      : appendLoop(sessions[i], stream, frame, outstanding),
  );
  const perSecond = await rateOf(loops, RUN_MS);
  for (const loop of loops) loop.stop();
  for (const session of sessions) session.destroy();
  const { rss } = await server.stats();
  await server.stop();
  return { mbPerSecond: (perSecond * frame.length) / 1e6, perSecond, rss };
}

async function append() {
  const frame = inputFrame(100, 1024);
  let rss = 0;
  const rate = (kind) =>
    rounded(async () => {
      const result = await uploadRate(kind, frame, 2, 16);
      if (kind === "s2kit") rss = Math.max(rss, result.rss);
      return result.mbPerSecond;
    });
  const [ours, memory, http2, tcp] = [
    await rate("s2kit"),
    await rate("memory"),
    await rate("http2"),
    await rate("tcp"),
  ];
  report("S2S append 100 x 1 KiB, durable / HTTP/2 upload", ours, "MB/s", http2, ">= 0.40 R");
  report("the same / bare TCP upload", ours, "MB/s", tcp, ">= 0.25 R");
  report("the same on the memory engine / HTTP/2 upload", memory, "MB/s", http2, "-");
  report("resident memory at saturation", rss / 1e6, "MB", undefined, "<= 300 + caches");
}

async function latency() {
  const frame = inputFrame(1, 1024);
  const ours = { p50: [], p99: [] };
  const disk = { p50: [], p99: [] };
  for (let i = 0; i < rounds; i++) {
    const server = await startProcess("s2kit", freshDirectory());
    await makeStreams(server.port, ["s"]);
    const session = openConnection(server.port);
    const loop = appendLoop(session, "s", frame, 1);
    await pause(500);
    loop.latencies = [];
    await pause(1000);
    ours.p50.push(percentile(loop.latencies, 0.5));
    ours.p99.push(percentile(loop.latencies, 0.99));
    loop.stop();
    session.destroy();
    await server.stop();
    const writes = syncWrites(2000);
    disk.p50.push(percentile(writes, 0.5));
    disk.p99.push(percentile(writes, 0.99));
  }
  report(
    "ack p50, one 1 KiB outstanding / sync write",
    median(ours.p50),
    "us",
    median(disk.p50),
    "<= 1.5 R, <= R + 40 us",
  );
  report("ack p99 / sync write p99", median(ours.p99), "us", median(disk.p99), "<= 2 R");
}

function syncWrites(count) {
  const path = join(root, "sync-write");
  writeFileSync(path, Buffer.alloc(4 * 1024 * 1024));
  const file = openSync(path, constants.O_WRONLY | constants.O_DSYNC);
  const block = Buffer.alloc(1100);
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = process.hrtime.bigint();
    writeSync(file, block, 0, block.length, (i * block.length) % (3 * 1024 * 1024));
    times.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  closeSync(file);
  return times.slice(200);
}

async function small() {
  const frame = inputFrame(1, 100);
  const rate = await rounded(async () => {
    const server = await startProcess("s2kit", freshDirectory());
    const streams = Array.from({ length: 256 }, (_, i) => `s${i}`);
    await makeStreams(server.port, streams);
    const sessions = Array.from({ length: 4 }, () => openConnection(server.port));
    const loops = streams.map((stream, i) => appendLoop(sessions[i % 4], stream, frame, 1));
    const result = await rateOf(loops, RUN_MS);
    for (const loop of loops) loop.stop();
    for (const session of sessions) session.destroy();
    await server.stop();
    return result;
  });
  report("small durable appends, 256 sessions x 1", rate, "/s", undefined, ">= 200,000 /s");
}

async function unary() {
  const body = JSON.stringify({ records: [{ body: "x".repeat(100), headers: [["k", "v"]] }] });
  const rate = (kind) =>
    rounded(async () => {
      const server = await startProcess(kind, freshDirectory());
      if (kind === "s2kit") await makeStreams(server.port, ["s"]);
      const loops = Array.from({ length: 100 }, () => http1Loop(server.port, body));
      const result = await rateOf(loops, RUN_MS);
      for (const loop of loops) loop.stop();
      await server.stop();
      return result;
    });
  report(
    "unary JSON appends, 100 writers / http echo",
    await rate("s2kit"),
    "/s",
    await rate("echo"),
    ">= 0.5 R",
  );
}

/** One keep-alive connection in a closed loop; finds the end of an answer by its length header. */
function http1Loop(port, body) {
  const request = Buffer.from(
    `POST /v1/streams/s/records HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const socket = connectTcp({ port, host: "127.0.0.1", noDelay: true });
  const loop = { acks: 0, stop: () => socket.destroy() };
  let pending = "";
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    pending += chunk.latin1Slice();
    const head = pending.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
    if (pending.length < head + 4 + length) return;
    if (!pending.startsWith("HTTP/1.1 200")) throw new Error(pending);
    pending = "";
    loop.acks++;
    socket.write(request);
  });
  socket.write(request);
  return loop;
}

async function catchup() {
  const frame = inputFrame(100, 1024);
  const target = 300e6;
  const server = await startProcess("s2kit", freshDirectory());
  await makeStreams(server.port, ["s"]);
  const writer = openConnection(server.port);
  const loop = appendLoop(writer, "s", frame, 16);
  while (loop.acks * frame.length < target) await pause(20);
  loop.stop();
  writer.destroy();
  const path = join(root, "file");
  writeFileSync(path, Buffer.alloc(target));
  const reference = await startProcess("file", path);
  const ours = await rounded(() => download(server.port, "/v1/streams/s/records?seq_num=0&wait=0"));
  const raw = await rounded(() => download(reference.port, "/"));
  await server.stop();
  await reference.stop();
  report("catch-up read, warm, S2S / file to HTTP/2", ours, "MB/s", raw, ">= 0.6 R");
}

function download(port, path) {
  const session = openConnection(port);
  return new Promise((resolve) => {
    const start = performance.now();
    let bytes = 0;
    const stream = session.request({
      ":path": path,
      "s2-basin": BASIN,
      "content-type": "s2s/proto",
    });
    stream.on("data", (chunk) => (bytes += chunk.length));
    stream.on("end", () => {
      session.destroy();
      resolve(bytes / 1e3 / (performance.now() - start));
    });
  });
}

async function followers() {
  const server = await startProcess("s2kit", freshDirectory());
  await makeStreams(server.port, ["s"]);
  const before = await server.stats();
  const delays = [];
  let opened = 0;
  const sockets = Array.from({ length: 1000 }, () => {
    const socket = connectTcp({ port: server.port, host: "127.0.0.1", noDelay: true });
    socket.write(
      `GET /v1/streams/s/records?seq_num=0 HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\naccept: text/event-stream\r\n\r\n`,
    );
    let isOpen = false;
    socket.on("data", (chunk) => {
      const at = chunk.indexOf("sent:");
      if (at >= 0)
        delays.push(performance.now() - Number(chunk.latin1Slice(at + 5, at + 25).split('"')[0]));
      else if (!isOpen) {
        isOpen = true;
        opened++;
      }
    });
    return socket;
  });
  while (opened < 1000) await pause(10);
  const open = await server.stats();
  for (let i = 0; i < 150; i++) {
    const body = JSON.stringify({ records: [{ body: `sent:${performance.now()}` }] });
    void fetch(`http://127.0.0.1:${server.port}/v1/streams/s/records`, {
      method: "POST",
      headers: { "s2-basin": BASIN, "content-type": "application/json" },
      body,
    }).then((response) => response.arrayBuffer());
    await pause(20);
  }
  await pause(500);
  const after = await server.stats();
  for (const socket of sockets) socket.destroy();
  await server.stop();
  report(
    "1000 SSE followers, 50 records/s, p50 delivery",
    percentile(delays, 0.5),
    "ms",
    undefined,
    "-",
  );
  report(
    "1000 SSE followers, 50 records/s, p99 delivery",
    percentile(delays, 0.99),
    "ms",
    undefined,
    "<= 10 ms",
  );
  console.log(
    `  delivered ${delays.length} of 150,000; server cpu ${Math.round(after.cpuMs - open.cpuMs)} ms of ~3.5 s`,
  );
  report("memory for 1000 followers", (open.rss - before.rss) / 1e6, "MB", undefined, "-");
  report(
    "memory growth while delivering",
    (after.rss - open.rss) / 1e6,
    "MB",
    undefined,
    "<= 40 MiB",
  );
}

async function start() {
  const times = [];
  let idle = 0;
  for (let i = 0; i < rounds; i++) {
    const begin = performance.now();
    const server = await startProcess("s2kit", freshDirectory());
    times.push(performance.now() - begin);
    await pause(300);
    idle = (await server.stats()).rss;
    await server.stop();
  }
  report("process start to listening, new directory", median(times), "ms", undefined, "<= 1000 ms");
  report("idle resident memory", idle / 1e6, "MB", undefined, "<= 120 MB");
  const { createServer } = await import("../../dist/index.js");
  const embedded = [];
  for (let i = 0; i < 20; i++) {
    const begin = performance.now();
    const server = createServer({ port: 0 });
    await server.listen();
    embedded.push(performance.now() - begin);
    await server.close();
  }
  report(
    "embedded server in memory mode, listening",
    median(embedded),
    "ms",
    undefined,
    "<= 50 ms",
  );
}
