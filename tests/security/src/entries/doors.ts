// The doors of a running server: bytes of HTTP/1.1, HTTP/2 and WebSocket connections as any peer can send
// them. Whatever comes, there is an answer or an end, no 500, nothing unexpected in the log, and the next
// one is served.

import { connect } from "node:net";
import { encodeAppendInput, encodeMessageFrame, encodeUtf8 } from "@s2kit/core";
import { createServer, type S2Server, type ServerLogger } from "@s2kit/server-lite";
import { agree, Disagreement, type Entry, utf8 } from "../engine/entry.js";

const BASIN = "fuzzed-basin";
/** An answer that has begun and says no more: a session, which runs on. */
const QUIET_MS = 60;
/** From the end of what a peer sends to some answer or end. */
const SILENT_MS = 20_000;
const HEALTH_EVERY = 64;

class Door {
  readonly #complaints: string[] = [];
  #server: S2Server | undefined;
  #port = 0;
  #count = 0;

  async send(bytes: Uint8Array, isDone: (answer: Buffer) => boolean): Promise<Buffer> {
    if (this.#server === undefined) await this.#open();
    const answer = await this.#exchange(bytes, isDone);
    if (++this.#count % HEALTH_EVERY === 0) {
      const health = await this.#exchange(utf8.encode("GET /health HTTP/1.0\r\n\r\n"), () => false);
      agree("healthy", health.toString("latin1").slice(0, 12), "HTTP/1.1 200");
    }
    const [complaint] = this.#complaints.splice(0);
    if (complaint !== undefined) throw new Error(`unexpected in the server: ${complaint}`);
    return answer;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  async #open(): Promise<void> {
    const complain = (fields: object, message?: string): void => {
      this.#complaints.push(`${message} ${JSON.stringify(fields)}`);
    };
    const quiet = (): void => undefined;
    const logger: ServerLogger = { info: quiet, warn: quiet, error: complain };
    const server = createServer({ port: 0, drainGraceMs: 50 }, { logger });
    ({ port: this.#port } = await server.listen());
    this.#server = server;
    const config = '{"config":{"create_stream_on_append":true,"create_stream_on_read":true}}';
    const head = `PUT /v1/basins/${BASIN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n`;
    const rest = `content-type: application/json\r\ncontent-length: ${config.length}\r\n\r\n${config}`;
    await this.#exchange(utf8.encode(head + rest), () => false);
  }

  #exchange(bytes: Uint8Array, isDone: (answer: Buffer) => boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(this.#port, "127.0.0.1", () => socket.end(bytes));
      const done = (): void => {
        clearTimeout(silence);
        clearTimeout(quiet);
        socket.destroy();
        resolve(Buffer.concat(chunks));
      };
      const silence = setTimeout(() => {
        socket.destroy();
        reject(new Disagreement("an answer or an end", `none in ${SILENT_MS} ms`, "some"));
      }, SILENT_MS);
      let quiet: NodeJS.Timeout | undefined;
      socket.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        clearTimeout(silence);
        clearTimeout(quiet);
        if (isDone(Buffer.concat(chunks))) done();
        else quiet = setTimeout(done, QUIET_MS);
      });
      socket.on("error", () => undefined);
      socket.on("close", done);
    });
  }
}

function statusesIn(answer: Buffer): string {
  const text = answer.toString("latin1");
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  agree("no 500", statuses.includes("500") ? text.slice(0, 400) : "", "");
  return [...new Set(statuses)].slice(0, 3).join(" ");
}

function http(line: string, headers: readonly string[] = [], body = ""): Uint8Array {
  const all = ["host: x", `s2-basin: ${BASIN}`, ...headers].join("\r\n");
  return Buffer.from(`${line} HTTP/1.1\r\n${all}\r\n\r\n${body}`, "latin1");
}

const RECORDS = '{"records":[{"body":"x"}]}';
const JSON_BODY = ["content-type: application/json", `content-length: ${RECORDS.length}`];
const MESSAGE = encodeAppendInput({
  records: [{ timestamp: undefined, headers: [], body: encodeUtf8("x") }],
});
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);

const requestDoor = new Door();

export const requestHeads: Entry = {
  name: "requests",
  reads: "connections of HTTP/1.1 and HTTP/2, in a running server",
  seeds: () => ({
    health: http("GET /health"),
    append: http("POST /v1/streams/s/records", JSON_BODY, RECORDS),
    "append as protobuf": http(
      "POST /v1/streams/s/records",
      ["content-type: application/protobuf", `content-length: ${MESSAGE.length}`],
      Buffer.from(MESSAGE).toString("latin1"),
    ),
    "an append session": http(
      "POST /v1/streams/s/records",
      ["content-type: s2s/proto", "transfer-encoding: chunked"],
      `${(MESSAGE.length + 4).toString(16)}\r\n${Buffer.from(encodeMessageFrame(MESSAGE)).toString("latin1")}\r\n0\r\n\r\n`,
    ),
    "a read": http("GET /v1/streams/s/records?seq_num=0&count=1&clamp=true"),
    events: http("GET /v1/streams/s/records?seq_num=0&count=1&clamp=true&wait=0", [
      "accept: text/event-stream",
      "last-event-id: 0,1,2",
    ]),
    "a list": http("GET /v1/streams?prefix=a&start_after=b&limit=1", ["accept-encoding: gzip"]),
    "two requests": Buffer.concat([http("GET /v1/basins"), http("GET /v1/locations")]),
    "two lengths": http("POST /v1/basins", ["content-length: 1", "content-length: 2"], "{}"),
    "length and chunks": http(
      "POST /v1/basins",
      ["content-length: 5", "transfer-encoding: chunked"],
      "0\r\n\r\n",
    ),
    options: http("OPTIONS *", ["origin: http://evil.example"]),
    "HTTP/2": Buffer.concat([utf8.encode(PREFACE), SETTINGS]),
    "HTTP/2 without settings": utf8.encode(PREFACE),
  }),
  words: [
    "\r\n",
    "\r\n\r\n",
    "transfer-encoding: chunked\r\n",
    "content-length: 0\r\n",
    "expect: 100-continue\r\n",
    "connection: upgrade\r\nupgrade: h2c\r\n",
    "content-encoding: gzip\r\n",
    "s2-format: base64\r\n",
    "s2-encryption-key: AAAA\r\n",
    's2-stream-config: {"storage_class":null}\r\n',
    "/v1/streams/",
    "HTTP/1.0",
    "HEAD ",
    "PATCH ",
    "%00",
  ],
  async check(bytes) {
    return statusesIn(await requestDoor.send(bytes, () => false));
  },
  close: () => requestDoor.close(),
};

/** A masked message, whose mask is zero, so that bytes stay as they are. */
function masked(payload: Uint8Array, opcode = 2, isLast = true): Uint8Array {
  const head = [(isLast ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0];
  return Uint8Array.from([...head, ...payload]);
}

const socketDoor = new Door();
const HANDSHAKE: Uint8Array = http(`GET /v1/streams/s/records?basin=${BASIN}&mode=append`, [
  "connection: upgrade",
  "upgrade: websocket",
  "sec-websocket-version: 13",
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol: s2s.v1",
]);
const FRAME = encodeMessageFrame(MESSAGE);

export const webSockets: Entry = {
  name: "websockets",
  reads: "messages of a WebSocket that appends, in a running server",
  seeds: () => ({
    append: Buffer.concat([masked(FRAME), masked(new Uint8Array(0))]),
    "two frames in a message": masked(Buffer.concat([FRAME, FRAME])),
    "a frame in two messages": Buffer.concat([
      masked(FRAME.subarray(0, 3)),
      masked(FRAME.subarray(3)),
    ]),
    fragments: Buffer.concat([
      masked(FRAME.subarray(0, 3), 2, false),
      masked(FRAME.subarray(3), 0),
    ]),
    text: masked(utf8.encode("hello"), 1),
    ping: Buffer.concat([masked(utf8.encode("p"), 9), masked(FRAME)]),
    close: masked(Uint8Array.of(3, 232), 8),
    "a length of eight bytes": Uint8Array.of(
      0x82,
      0xff,
      0,
      0,
      0,
      0,
      0xff,
      0xff,
      0xff,
      0xff,
      0,
      0,
      0,
      0,
    ),
    unmasked: Uint8Array.of(0x82, 1, 0),
  }),
  async check(bytes) {
    const answer = await socketDoor.send(Buffer.concat([HANDSHAKE, bytes]), () => false);
    const status = statusesIn(answer);
    const end = answer.indexOf("\r\n\r\n");
    const behind = answer.subarray(end + 4).toString("latin1");
    // A close frame with nothing but its code is the last of all.
    const close = answer.length - 4;
    const hasCode = close > end && answer[close] === 0x88 && answer[close + 1] === 2;
    const code = hasCode ? answer.readUInt16BE(close + 2) : 0;
    return `${status} ${code} ${/"code":"(\w+)"/.exec(behind)?.[1] ?? ""}`;
  },
  close: () => socketDoor.close(),
};
