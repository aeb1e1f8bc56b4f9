// Append and read in every format and session, and the codes that records have.

import {
  decodeAppendAck,
  decodeReadBatch,
  encodeAppendInput,
  encodeTerminalFrame,
  encodeUtf8,
} from "@s2kit/core";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { ackOf, batchOf, inputFrame, openS2s } from "../support/s2s-client.js";
import type { Carrier } from "./recorder.js";
import { ask, type Walk } from "./walk.js";

const basin = "record-basin";
const path = "/v1/streams/s/records";
const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 8).toString("base64");

export async function walkRecords(walk: Walk): Promise<void> {
  await ask(walk, 201, "PUT", `/v1/basins/${basin}`);
  await ask(walk, 201, "PUT", "/v1/streams/s", { basin });
  await ask(walk, 200, "POST", path, { basin, json: { records: [{ body: "json" }] } });
  walk.recorder.succeeded("append", 200, "json");
  const base64 = { "s2-format": "base64" };
  const encoded = { records: [{ body: Buffer.from("base64").toString("base64") }] };
  await ask(walk, 200, "POST", path, { basin, json: encoded, headers: base64 });
  walk.recorder.succeeded("append", 200, "base64");
  await appendProtobuf(walk);
  await appendSession(walk, "h1");
  await appendSession(walk, "h2");
  await appendWebSocket(walk);
  const wanted = ["json", "base64", "protobuf", "h1", "h2", "websocket"];
  await readUnary(walk, wanted);
  await readSse(walk, wanted);
  await readSession(walk, "h1", wanted);
  await readSession(walk, "h2", wanted);
  await readWebSocket(walk, wanted);
  await ask(walk, 201, "POST", "/v1/streams/s/tickets", { basin });
  for (const signal of ["logs", "metrics", "traces"])
    await ask(walk, 200, "POST", `/otlp/v1/${signal}`, { basin, json: {} });
}

async function appendProtobuf(walk: Walk): Promise<void> {
  const records = [{ timestamp: undefined, headers: [], body: encodeUtf8("protobuf") }];
  const body = encodeAppendInput({ records, matchSeqNum: undefined, fencingToken: undefined });
  const headers = { "content-type": "application/protobuf", accept: "application/protobuf" };
  const response = await fetch(walk.url + path, {
    method: "POST",
    headers: { "s2-basin": basin, ...headers },
    body: Buffer.from(body),
  });
  expect(decodeAppendAck(new Uint8Array(await response.arrayBuffer())).start.seqNum).toBe(2);
  walk.recorder.succeeded("append", response.status, "protobuf");
  await ask(walk, "bad_proto", "POST", path, { basin, headers, body: new Uint8Array([0x0a, 9]) });
}

const SESSION: Readonly<Record<"h1" | "h2", Carrier>> = {
  h1: "s2s over http/1.1",
  h2: "s2s over http/2",
};

async function appendSession(walk: Walk, version: "h1" | "h2"): Promise<void> {
  const session = await openS2s(walk.url, version, { method: "POST", path, basin });
  session.send(inputFrame([version]));
  ackOf(await session.next());
  walk.recorder.succeeded("append", session.status, SESSION[version]);
  session.send(encodeTerminalFrame(400, "{}"));
  const end = await session.next();
  if (end?.kind !== "terminal") throw new Error("expected the end of the session");
  walk.recorder.failed("s2s terminal", end.status, end.json, "append");
  expect(end.json).toMatchObject({ code: "bad_frame" });
}

function webSocket({ url }: Walk, query: string): WebSocket {
  return new WebSocket(`${url.replace("http", "ws")}${path}?basin=${basin}&${query}`, ["s2s.v1"]);
}

async function appendWebSocket(walk: Walk): Promise<void> {
  const socket = webSocket(walk, "mode=append");
  const messages: Buffer[] = [];
  socket.on("message", (data: Buffer) => messages.push(data));
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(inputFrame(["websocket"]));
  socket.send(inputFrame(["x"], { matchSeqNum: 0 }));
  const code = await new Promise<number>((resolve) => socket.once("close", resolve));
  const received = Buffer.concat(messages);
  const first = 3 + received.readUIntBE(0, 3);
  expect(decodeAppendAck(received.subarray(4, first)).start.seqNum).toBe(5);
  walk.recorder.succeeded("append", 200, "websocket");
  expect(code).toBe(4412);
  const body: unknown = JSON.parse(received.subarray(first + 6).toString());
  walk.recorder.failed("websocket terminal", received.readUInt16BE(first + 4), body, "append");
}

async function readUnary(walk: Walk, wanted: readonly string[]): Promise<void> {
  const url = `${path}?seq_num=0`;
  const raw = await ask(walk, 200, "GET", url, { basin });
  expect(raw.json.records.map((record: { body: string }) => record.body)).toEqual(wanted);
  walk.recorder.succeeded("read", 200, "json");
  const headers = { "s2-format": "base64" };
  const encoded = await ask(walk, 200, "GET", url, { basin, headers });
  const decoded = encoded.json.records.map((record: { body: string }) =>
    Buffer.from(record.body, "base64").toString(),
  );
  expect(decoded).toEqual(wanted);
  walk.recorder.succeeded("read", 200, "base64");
  const response = await fetch(walk.url + url, {
    headers: { "s2-basin": basin, accept: "application/protobuf" },
  });
  const batch = decodeReadBatch(new Uint8Array(await response.arrayBuffer()));
  expect(batch.records.map(({ body }) => Buffer.from(body).toString())).toEqual(wanted);
  walk.recorder.succeeded("read", response.status, "protobuf");
  await ask(walk, 416, "GET", `${path}?seq_num=99`, { basin });
  await ask(walk, 412, "POST", path, { basin, json: { records: [{}], match_seq_num: 0 } });
  await ask(walk, "stream_not_found", "GET", "/v1/streams/missing/records", { basin });
}

/** Command records: a fence by its token, a trim by its eight bytes. */
export async function walkCommands(walk: Walk): Promise<void> {
  const headers = { "s2-format": "base64" };
  const command = async (name: "fence" | "trim", body: Buffer): Promise<void> => {
    const record = {
      headers: [["", Buffer.from(name).toString("base64")]],
      body: body.toString("base64"),
    };
    await ask(walk, 200, "POST", path, { basin, headers, json: { records: [record] } });
    walk.recorder.operated(name);
  };
  await command("fence", Buffer.from("writer"));
  const fenced = { records: [{}], fencing_token: "other" };
  await ask(walk, 412, "POST", path, { basin, json: fenced });
  await command("trim", Buffer.from([0, 0, 0, 0, 0, 0, 0, 2]));
  const unknown = { records: [{ headers: [["", "nope"]] }] };
  await ask(walk, "invalid", "POST", path, { basin, json: unknown });
}

async function readSse(walk: Walk, wanted: readonly string[]): Promise<void> {
  const headers = { accept: "text/event-stream" };
  const { text } = await ask(walk, 200, "GET", `${path}?seq_num=0&wait=0`, { basin, headers });
  expect(text).toContain("data: [DONE]");
  for (const body of wanted) expect(text).toContain(`"body":"${body}"`);
  walk.recorder.succeeded("read", 200, "sse");
}

async function readSession(
  walk: Walk,
  version: "h1" | "h2",
  wanted: readonly string[],
): Promise<void> {
  const url = `${path}?seq_num=0&wait=0`;
  const session = await openS2s(walk.url, version, { method: "GET", path: url, basin });
  const bodies = (await session.rest()).flatMap((frame) =>
    batchOf(frame).records.map(({ body }) => Buffer.from(body).toString()),
  );
  expect(bodies).toEqual(wanted);
  walk.recorder.succeeded("read", session.status, SESSION[version]);
}

async function readWebSocket(walk: Walk, wanted: readonly string[]): Promise<void> {
  const socket = webSocket(walk, "mode=read&seq_num=0&wait=0");
  const messages: Buffer[] = [];
  socket.on("message", (data: Buffer) => messages.push(data));
  expect(await new Promise<number>((resolve) => socket.once("close", resolve))).toBe(1000);
  const text = Buffer.concat(messages).toString("latin1");
  for (const body of wanted) expect(text).toContain(body);
  walk.recorder.succeeded("read", 200, "websocket");
}

/** Client-keyed encryption: no key, a wrong key, in a response, an event and a terminal frame. */
export async function walkEncryption(walk: Walk): Promise<void> {
  const sealed = "sealed-basin";
  await ask(walk, 201, "PUT", `/v1/basins/${sealed}`, {
    json: { config: { stream_cipher: "aes-256-gcm" } },
  });
  await ask(walk, 201, "PUT", "/v1/streams/s", { basin: sealed });
  const records = { json: { records: [{ body: "secret" }] }, basin: sealed };
  await ask(walk, "bad_header", "POST", path, records);
  await ask(walk, 200, "POST", path, { ...records, headers: { "s2-encryption-key": KEY } });
  const headers = { "s2-encryption-key": OTHER_KEY };
  const url = `${path}?seq_num=0`;
  await ask(walk, "decryption_failed", "GET", url, { basin: sealed, headers });
  const session = await openS2s(walk.url, "h2", {
    method: "GET",
    path: url,
    basin: sealed,
    headers,
  });
  const end = (await session.rest()).at(-1);
  if (end?.kind !== "terminal") throw new Error("expected a terminal frame");
  walk.recorder.failed("s2s terminal", end.status, end.json, "read");
  const sse = await ask(walk, 200, "GET", url, {
    basin: sealed,
    headers: { ...headers, accept: "text/event-stream" },
  });
  const event: unknown = JSON.parse(/event: error\ndata: (.*)/.exec(sse.text)?.[1] ?? "{}");
  walk.recorder.failed("sse event", 400, event, "read");
}
