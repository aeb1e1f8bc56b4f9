// The server side of a benchmark, as a process of its own: s2kit, or one of the references.
// Told what to be by its first argument; sends its port to the parent, and statistics when asked.

import { readFileSync } from "node:fs";
import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer as createNetServer } from "node:net";

const [kind, directory] = process.argv.slice(2);
const ACK = Buffer.alloc(36);
ACK.writeUIntBE(33, 0, 3);

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 });
});
process.on("disconnect", () => process.exit());

const STARTERS = { s2kit, memory: s2kit, tcp, http2, echo, file };
process.send({ port: await STARTERS[kind]() });

async function s2kit() {
  const { createServer } = await import("../../dist/index.js");
  const storage = kind === "memory" ? { kind: "memory" } : { kind: "disk", directory };
  const { port } = await createServer({ port: 0, storage }).listen();
  return port;
}

/** Reassembles length-prefixed messages in a reused buffer and answers each with 36 bytes. */
function frameCounter(write) {
  let need = 0;
  const head = Buffer.alloc(3);
  let headLength = 0;
  const body = Buffer.alloc(2 * 1024 * 1024 + 16);
  let bodyLength = 0;
  return (chunk) => {
    let acks = 0;
    for (let at = 0; at < chunk.length; ) {
      if (headLength < 3) {
        head[headLength++] = chunk[at++];
        if (headLength === 3) need = head.readUIntBE(0, 3);
        continue;
      }
      const take = Math.min(need - bodyLength, chunk.length - at);
      chunk.copy(body, bodyLength, at, at + take);
      bodyLength += take;
      at += take;
      if (bodyLength < need) continue;
      headLength = bodyLength = 0;
      acks++;
    }
    if (acks > 0) write(acks === 1 ? ACK : Buffer.concat(Array(acks).fill(ACK)));
  };
}

function tcp() {
  const server = createNetServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.on(
      "data",
      frameCounter((bytes) => socket.write(bytes)),
    );
  });
  return listening(server);
}

function http2() {
  const server = createHttp2Server({
    maxSessionMemory: 128,
    settings: { initialWindowSize: 8 * 1024 * 1024, maxFrameSize: 1024 * 1024 },
  });
  server.on("session", (session) => session.setLocalWindowSize(64 * 1024 * 1024));
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200, "content-type": "s2s/proto" });
    stream.on(
      "data",
      frameCounter((bytes) => stream.write(bytes)),
    );
  });
  return listening(server);
}

function echo() {
  const server = createHttp1Server((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": body.length,
      });
      response.end(body);
    });
  });
  return listening(server);
}

/** A file as a response: what a catch-up read could be at best. */
function file() {
  const bytes = readFileSync(directory);
  const server = createHttp2Server({ maxSessionMemory: 128 });
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond({ ":status": 200 });
    let at = 0;
    const more = () => {
      while (at < bytes.length) {
        const end = Math.min(at + 256 * 1024, bytes.length);
        const hasRoom = stream.write(bytes.subarray(at, end));
        at = end;
        if (!hasRoom && stream.writableLength > 1024 * 1024) return stream.once("drain", more);
      }
      stream.end();
    };
    more();
  });
  return listening(server);
}

function listening(server) {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
