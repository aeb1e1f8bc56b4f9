// A WebSocket client of the smallest kind: the upgrade, binary messages, the close. By hand,
// because the cases must see and send what libraries hide: masks, close codes, text messages,
// refused upgrades.

import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { systemRandom } from "@s2kit/core";
import { type Frame, takeFrames, terminalOf } from "../codec/frame.js";
import { Mismatch } from "../expect.js";
import { Inbox } from "./inbox.js";
import { openSocket, parseRaw } from "./raw.js";
import { type Carrier, parsed } from "./session.js";
import { type Target, within } from "./target.js";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface Dial {
  readonly path: string;
  readonly protocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WebSocketCarrier extends Carrier {
  /** Of the answer to the upgrade; 101 when it was made. */
  readonly upgradeStatus: number;
  sendText(text: string): void;
  /** The head of a binary message of so many bytes, and nothing of it. */
  announce(bytes: number): void;
}

export async function dialWebSocket(target: Target, dial: Dial): Promise<WebSocketCarrier> {
  const socket = openSocket(target, ["http/1.1"]);
  const key = Buffer.from(systemRandom.bytes(16)).toString("base64");
  const { head, rest } = await within(
    target,
    upgrade(target, socket, key, dial),
    `upgrade of ${dial.path}`,
  );
  const answer = parseRaw(head);
  const frames = new Inbox<Frame>();
  const state = { closeCode: undefined as number | undefined };
  const base = {
    headers: answer.headers,
    frames,
    upgradeStatus: answer.status,
    send: (bytes: Uint8Array) => void socket.write(masked(2, bytes)),
    sendText: (text: string) => void socket.write(masked(1, Buffer.from(text))),
    announce: (bytes: number) =>
      void socket.write(
        Buffer.concat([Buffer.from([0x82, 0x80 | 127]), bigLength(bytes), systemRandom.bytes(4)]),
      ),
    half: () => void socket.write(masked(2, new Uint8Array(0))),
    destroy: () => void socket.destroy(),
    closeCode: () => state.closeCode,
  };
  if (answer.status !== 101) {
    socket.destroy();
    frames.end();
    const from = answer.body.indexOf("{");
    const body = answer.body.slice(from, answer.body.lastIndexOf("}") + 1);
    return { ...base, refusal: { status: answer.status, json: parsed(body) } };
  }
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  if (answer.headers["sec-websocket-accept"] !== accept)
    throw new Mismatch("the upgrade is answered with a wrong sec-websocket-accept");
  receive(socket, rest, frames, state);
  return { ...base, refusal: undefined };
}

function upgrade(
  target: Target,
  socket: Socket,
  key: string,
  { path, protocols, headers = {} }: Dial,
): Promise<{ readonly head: string; readonly rest: Buffer }> {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `host: ${target.hostname}:${target.port}`,
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    `sec-websocket-key: ${key}`,
    ...(protocols.length === 0 ? [] : [`sec-websocket-protocol: ${protocols.join(", ")}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ];
  return new Promise((resolve, reject) => {
    let came: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      came = Buffer.concat([came, chunk]);
      const end = came.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = came.subarray(0, end + 4).toString("latin1");
      const status = parseRaw(head).status;
      // The body of a refusal belongs to the head.
      if (status !== 101 && !isWhole(came, end)) return;
      socket.off("data", onData);
      resolve(
        status === 101
          ? { head, rest: came.subarray(end + 4) }
          : { head: came.toString("latin1"), rest: Buffer.alloc(0) },
      );
    };
    socket.on("data", onData);
    socket.on("error", reject);
    socket.on("close", () => {
      if (came.length > 0) resolve({ head: came.toString("latin1"), rest: Buffer.alloc(0) });
      else reject(new Error("the connection closed before the upgrade was answered"));
    });
    socket.once(target.isTls ? "secureConnect" : "connect", () =>
      socket.write(lines.join("\r\n"), "latin1"),
    );
  });
}

function isWhole(came: Buffer, end: number): boolean {
  const length = /\r\ncontent-length: (\d+)/i.exec(came.subarray(0, end).toString("latin1"))?.[1];
  return length !== undefined && came.length >= end + 4 + Number(length);
}

/** Takes messages apart; each must be binary and hold whole S2S frames. */
function receive(
  socket: Socket,
  first: Buffer,
  frames: Inbox<Frame>,
  state: { closeCode: number | undefined },
): void {
  let held: Buffer = first;
  let fragments: Buffer[] = [];
  const takeAll = (): void => {
    for (;;) {
      const part = takeMessage(held);
      if (part === undefined) return;
      held = held.subarray(part.size);
      if (part.opcode === 8) {
        state.closeCode = part.payload.length >= 2 ? part.payload.readUInt16BE(0) : 1005;
        socket.end(masked(8, part.payload.subarray(0, 2)));
        frames.end();
      } else if (part.opcode === 9) socket.write(masked(10, part.payload));
      else if (part.opcode === 2 || (part.opcode === 0 && fragments.length > 0)) {
        fragments.push(part.payload);
        if (!part.isFinal) continue;
        pushWhole(Buffer.concat(fragments), frames);
        fragments = [];
      } else if (part.opcode !== 10)
        frames.fail(new Mismatch(`WebSocket message with opcode ${part.opcode}, not binary`));
    }
  };
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    try {
      takeAll();
    } catch (error) {
      frames.fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on("error", () => frames.end());
  socket.on("close", () => frames.end());
  takeAll();
}

function pushWhole(payload: Buffer, frames: Inbox<Frame>): void {
  const taken = takeFrames(payload);
  if (taken.rest.length > 0) throw new Mismatch("a WebSocket message ends within a frame");
  for (const frame of taken.frames) {
    if (frame.isTerminal) terminalOf(frame);
    frames.push(frame);
  }
}

interface Message {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly isFinal: boolean;
  readonly size: number;
}

function takeMessage(bytes: Buffer): Message | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes[0] ?? 0;
  if ((first & 0x70) !== 0) throw new Mismatch("WebSocket message with reserved bits: compressed?");
  let length = (bytes[1] ?? 0) & 0x7f;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) return undefined;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return undefined;
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (bytes.length < at + length) return undefined;
  return {
    opcode: first & 0x0f,
    isFinal: (first & 0x80) !== 0,
    payload: bytes.subarray(at, at + length),
    size: at + length,
  };
}

function masked(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 0x80 | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | 127]), bigLength(length)]);
  const mask = systemRandom.bytes(4);
  const body = Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)));
  return Buffer.concat([head, mask, body]);
}

function bigLength(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}
