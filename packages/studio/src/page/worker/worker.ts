// The worker: owns the client, runs the calls of the page, and keeps the one feed that it looks at.
// The page never decodes, waits or counts; when this thread is busy, scrolling is not.

import { S2, type S2Hooks, type S2Stream } from "@s2kit/client";
import { systemClock } from "@s2kit/core";
import type { Connection, FeedRequest, FromWorker, ToWorker } from "../protocol.js";
import { failureOf } from "./failure.js";
import { Feed } from "./feed.js";
import { createOperations, type Operations } from "./operations.js";

interface Open {
  readonly s2: S2;
  readonly operations: Operations;
}

let open: Open | undefined;
let feed: Feed | undefined;
let feedTarget = "";
let connection: Connection | undefined;
let lastFeed: { readonly id: number; readonly request: FeedRequest } | undefined;
/** Reads that failed although no WebSocket ever got through; undefined once one did. */
let failedSockets: number | undefined = 0;

/** Some proxies let no WebSocket through: after so many failures reads go by fetch. */
const MAX_FAILED_SOCKETS = 2;
const calls = new Map<number, AbortController>();
/** Keys of encrypted streams, by basin and stream. They are nowhere else. */
const keys = new Map<string, string>();

const hooks: S2Hooks = {
  onRetry: ({ operation, error }) => {
    if (operation !== "read") return;
    feed?.lost(error.message);
    if (failedSockets !== undefined && ++failedSockets >= MAX_FAILED_SOCKETS) fallBack();
  },
  onDisconnect: ({ operation, basin, stream, error }) => {
    if (operation === "read" && error !== undefined && feedTarget === `${basin}/${stream}`)
      feed?.lost(error.message);
  },
  onConnect: ({ operation, basin, stream }) => {
    if (operation !== "read" || feedTarget !== `${basin}/${stream}`) return;
    failedSockets = undefined;
    feed?.connected();
  },
};

/** The same feed by fetch. */
function fallBack(): void {
  failedSockets = undefined;
  if (connection?.transport !== "ws") return;
  connect({ ...connection, transport: "fetch" });
  if (lastFeed !== undefined) openFeed(lastFeed.id, lastFeed.request);
}

function connect(next: Connection): void {
  connection = next;
  const { account, basin, token, transport } = next;
  const before = open?.s2;
  const s2 = new S2(
    {
      // The client wants one; servers that ask for none ignore it.
      accessToken: token === "" ? "none" : token,
      endpoints: { account, basin },
      transport,
      retry: { maxAttempts: 3 },
    },
    { hooks },
  );
  open = { s2, operations: createOperations(s2, (...name) => streamOf(s2, ...name)) };
  void before?.close();
}

function streamOf(s2: S2, basin: string, stream: string): S2Stream {
  const key = keys.get(`${basin}/${stream}`);
  return s2.basin(basin).stream(stream, key === undefined ? {} : { encryptionKey: key });
}

function setKey({ basin, stream, key }: Extract<ToWorker, { kind: "key" }>): void {
  if (key === undefined) keys.delete(`${basin}/${stream}`);
  else keys.set(`${basin}/${stream}`, key);
}

async function call({ id, operation, args }: Extract<ToWorker, { kind: "call" }>): Promise<void> {
  const control = new AbortController();
  calls.set(id, control);
  try {
    if (open === undefined) throw new Error("not connected");
    const run = open.operations[operation] as (...all: readonly unknown[]) => Promise<unknown>;
    post({ kind: "answer", id, value: await run({ signal: control.signal }, ...args) });
  } catch (error) {
    post({ kind: "failure", id, failure: failureOf(error) });
  } finally {
    calls.delete(id);
  }
}

function openFeed(id: number, request: FeedRequest): void {
  feed?.close();
  if (open === undefined) return;
  const { s2 } = open;
  lastFeed = { id, request };
  const { basin, stream } = request;
  feedTarget = `${basin}/${stream}`;
  feed = new Feed(
    systemClock,
    () => streamOf(s2, basin, stream),
    request,
    (window) => post({ kind: "window", feed: id, window }),
  );
}

function post(message: FromWorker): void {
  self.postMessage(message);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "connect":
      failedSockets = 0;
      connect(data.connection);
      break;
    case "call":
      void call(data);
      break;
    case "cancel":
      calls.get(data.id)?.abort();
      break;
    case "key":
      setKey(data);
      break;
    case "feed":
      openFeed(data.feed, data.request);
      break;
    case "feed-end":
      feed?.close();
      feed = undefined;
      lastFeed = undefined;
      break;
    case "drawn":
      feed?.drawn();
      break;
    case "view":
      feed?.look(data.first, data.count);
      break;
    case "pin":
      feed?.pin(data.isPinned);
      break;
    case "filter":
      feed?.filterBy(data.filter);
      break;
    case "more":
      void feed?.more(data.direction);
      break;
  }
};
