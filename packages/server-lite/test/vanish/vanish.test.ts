// Peers that vanish at any byte, in any way, on any carrier, in any kind of exchange: nothing of them
// stays open, and no body that was cut passes as whole.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openThings } from "../../src/testing/ledger.js";
import { END_STREAM, frame, framesOf, opening, TYPE } from "../hostile/support/h2-frames.js";
import { startServer, type TestServer } from "../support/test-server.js";
import { Peer, type Way } from "./peer.js";
import {
  BASIN,
  bytesOf,
  http2Frames,
  type Kind,
  QUIET,
  READS,
  STREAM,
  UNMADE,
  UPLOADS,
  type Wire,
} from "./requests.js";

const SETTLE = { timeout: 15_000, interval: 5 };
/** Peers at the same time. */
const CROWD = 64;

interface Carrier {
  readonly name: string;
  readonly wire: Wire;
  readonly isTls: boolean;
  /** Handshakes are dear: not every byte is tried. */
  readonly step: number;
}

const CARRIERS: readonly Carrier[] = [
  { name: "HTTP/1.1", wire: "h1", isTls: false, step: 1 },
  { name: "HTTP/2", wire: "h2", isTls: false, step: 1 },
  { name: "WebSocket", wire: "websocket", isTls: false, step: 1 },
  { name: "HTTP/1.1 in TLS", wire: "h1", isTls: true, step: 17 },
  { name: "HTTP/2 in TLS", wire: "h2", isTls: true, step: 17 },
];

const carries = ({ wire }: Carrier, { mode }: Kind): boolean =>
  wire !== "websocket" || mode !== undefined;

/** The log lines of requests, as far as a test cares. */
interface Line {
  readonly path: string;
  readonly status: number;
  readonly code: string | undefined;
}

class Subject {
  readonly lines: Line[] = [];
  private readonly running: TestServer;

  private constructor(running: TestServer, lines: Line[]) {
    this.running = running;
    this.lines = lines;
  }

  static async start(isTls: boolean): Promise<Subject> {
    const lines: Line[] = [];
    const info = (fields: object): void => void lines.push(fields as Line);
    const logger = { info, warn: info, error: info };
    const headersTimeoutMs = 1000;
    const settings = isTls
      ? { headersTimeoutMs, tls: { selfSigned: true } as const }
      : { headersTimeoutMs };
    const subject = new Subject(await startServer(settings, { logger }), lines);
    for (const path of [`/v1/basins/${BASIN}`, `/v1/streams/${STREAM}`, `/v1/streams/${QUIET}`])
      expect((await subject.ask("PUT", path)).status).toBe(201);
    return subject;
  }

  /** Without a connection, so that the only ones are those of the peers. */
  ask(method: string, path: string): Promise<Response> {
    const headers = { "s2-basin": BASIN };
    return this.running.server.fetch(new Request(`http://s2${path}`, { method, headers }));
  }

  dial({ isTls, wire }: Pick<Carrier, "isTls" | "wire">): Promise<Peer> {
    const alpn = isTls ? (wire === "h2" ? "h2" : "http/1.1") : undefined;
    return Peer.open({ port: this.running.port, alpn });
  }

  get open(): object {
    return openThings(this.running.server);
  }

  async expectNothingOpen(): Promise<void> {
    await vi.waitFor(() => expect(this.open).toEqual({}), SETTLE);
  }

  /** Everything but the connections. */
  async expectOnlyConnections(): Promise<void> {
    await vi.waitFor(() => expect(this.running.left()).toEqual({}), SETTLE);
  }

  async expectNothingHappened(): Promise<void> {
    const tail = await this.ask("GET", `/v1/streams/${STREAM}/records/tail`);
    expect(await tail.json()).toMatchObject({ tail: { seq_num: 0 } });
    expect((await this.ask("GET", `/v1/streams/${UNMADE}`)).status).toBe(404);
  }

  close(): Promise<void> {
    return this.running.server.close();
  }
}

let plain: Subject;
let tls: Subject;
beforeAll(async () => {
  plain = await Subject.start(false);
  tls = await Subject.start(true);
});
afterAll(async () => {
  await plain.close();
  await tls.close();
});

async function inCrowds<T>(all: readonly T[], act: (each: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += CROWD)
    await Promise.all(all.slice(at, at + CROWD).map(act));
}

function everyCut(length: number, step: number): readonly number[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

/** How much of a request leaves it cut: of a session, a whole input counts without the rest. */
function lengthOfCut({ body, mode }: Kind, bytes: Buffer): number {
  if (mode === undefined || body === undefined) return bytes.length;
  return bytes.indexOf(body) + body.length;
}

const WAYS: readonly Way[] = ["reset", "exit", "fin", "half"];

describe.each(CARRIERS)("over $name", (carrier) => {
  const subject = (): Subject => (carrier.isTls ? tls : plain);

  const uploads = UPLOADS.filter((kind) => carries(carrier, kind)).flatMap((kind) =>
    WAYS.map((way) => ({ kind, name: kind.name, way })),
  );
  test.each(uploads)(
    "$name that ends by $way at any byte leaves nothing",
    async ({ kind, way }) => {
      const bytes = bytesOf(kind, carrier.wire);
      const cuts = everyCut(lengthOfCut(kind, bytes), carrier.step);
      const peers: Peer[] = [];
      await inCrowds(cuts, async (cut) => {
        const peer = await subject().dial(carrier);
        peers.push(peer);
        await peer.send(bytes.subarray(0, cut));
        await new Promise(setImmediate);
        peer.vanish(way);
      });
      await subject().expectNothingOpen();
      await subject().expectNothingHappened();
      for (const peer of peers) peer.drop();
    },
  );

  const reads = READS.filter((kind) => carries(carrier, kind)).flatMap((kind) =>
    WAYS.map((way) => ({ kind, name: kind.name, way })),
  );
  test.each(reads)("$name that ends by $way is let go", async ({ kind, way }) => {
    const peer = await subject().dial(carrier);
    await peer.send(bytesOf(kind, carrier.wire));
    await vi.waitFor(() => expect(subject().open).toMatchObject({ sessions: 1 }), SETTLE);
    peer.vanish(way);
    await subject().expectNothingOpen();
    peer.drop();
  });
});

describe("an HTTP/2 stream that is given up on a connection that stays", () => {
  const RESET_CODES = { NO_ERROR: 0, INTERNAL_ERROR: 2, CANCEL: 8 };
  const reset = (code: number): Buffer => frame(TYPE.reset, 0, 1, Buffer.from([0, 0, 0, code]));

  const uploads = UPLOADS.flatMap((kind) =>
    Object.entries(RESET_CODES).map(([word, code]) => ({ kind, name: kind.name, word, code })),
  );
  test.each(uploads)("$name, by $word, behind any byte of its body", async ({ kind, code }) => {
    const [head] = http2Frames(kind);
    const body = kind.body ?? new Uint8Array(0);
    const peers: Peer[] = [];
    await inCrowds(everyCut(body.length + 1, 1), async (cut) => {
      const peer = await plain.dial({ isTls: false, wire: "h2" });
      peers.push(peer);
      // A piece that does not end the stream is no whole body, even if nothing is missing.
      const data = frame(TYPE.data, 0, 1, body.subarray(0, cut));
      await peer.send(Buffer.concat([opening(), head as Buffer, ...(cut > 0 ? [data] : [])]));
      await new Promise(setImmediate);
      await peer.send(reset(code));
    });
    await plain.expectOnlyConnections();
    expect(peers.some(({ isClosed }) => isClosed)).toBe(false);
    for (const peer of peers) peer.drop();
    await plain.expectNothingOpen();
    // A whole frame of a session counts, whoever left then: it was a whole input.
    if (kind.mode === undefined) await plain.expectNothingHappened();
  });

  test.each(READS)("$name", async (kind) => {
    const peer = await plain.dial({ isTls: false, wire: "h2" });
    await peer.send(bytesOf(kind, "h2"));
    await vi.waitFor(() => expect(plain.open).toMatchObject({ sessions: 1 }), SETTLE);
    await peer.send(reset(8));
    await plain.expectOnlyConnections();
    peer.drop();
    await plain.expectNothingOpen();
  });
});

describe("a connection of HTTP/2 that says goodbye in the middle of its requests", () => {
  const goaway = frame(TYPE.goaway, 0, 0, Buffer.alloc(8));

  test.each([...UPLOADS, ...READS])("$name", async (kind) => {
    const bytes = bytesOf(kind, "h2");
    const peer = await plain.dial({ isTls: false, wire: "h2" });
    // A request that is not whole yet; a read is whole, and its answer never ends.
    await peer.send(kind.body === undefined ? bytes : bytes.subarray(0, -kind.body.length - 9));
    await vi.waitFor(() => expect(plain.open).toHaveProperty("exchanges"), SETTLE);
    await peer.send(goaway);
    peer.vanish("half");
    await plain.expectNothingOpen();
    peer.drop();
  });
});

describe("a body that is shorter than it was said to be", () => {
  const [append] = UPLOADS as readonly [Kind];
  const body = append.body as Uint8Array;

  test("over HTTP/2 is reset, and none", async () => {
    const length = { "content-length": `${body.length + 1}` };
    const [head] = http2Frames(append, length) as readonly [Buffer];
    const peer = await plain.dial({ isTls: false, wire: "h2" });
    await peer.send(Buffer.concat([opening(), head, frame(TYPE.data, END_STREAM, 1, body)]));
    const isReset = (): boolean => framesOf(peer.received).some(({ type }) => type === TYPE.reset);
    await vi.waitFor(() => expect(isReset()).toBe(true), SETTLE);
    await plain.expectOnlyConnections();
    peer.drop();
    await plain.expectNothingOpen();
  });

  test.each(WAYS)("over HTTP/1.1, ended by %s, is none", async (way) => {
    const text = bytesOf(append, "h1").toString().split("transfer-encoding")[0] as string;
    const before = plain.lines.length;
    const peer = await plain.dial({ isTls: false, wire: "h1" });
    await peer.send(Buffer.from(`${text}content-length: ${body.length + 1}\r\n\r\n`));
    await peer.send(body);
    await vi.waitFor(() => expect(plain.open).toHaveProperty("exchanges"), SETTLE);
    peer.vanish(way);
    await plain.expectNothingOpen();
    expect(plain.lines.slice(before)).toMatchObject([{ status: 499, code: "client_hangup" }]);
    peer.drop();
  });
});

describe("an upload that was cut gets its line in the log", () => {
  const [append, control] = UPLOADS as readonly [Kind, Kind];
  const cut = { status: 499, code: "client_hangup" };

  test.each([append, control])("$name, by a reset of its stream", async (kind) => {
    const before = plain.lines.length;
    const [head] = http2Frames(kind) as readonly [Buffer];
    const peer = await plain.dial({ isTls: false, wire: "h2" });
    await peer.send(Buffer.concat([opening(), head, frame(TYPE.data, 0, 1, Buffer.from("{"))]));
    await vi.waitFor(() => expect(plain.open).toHaveProperty("exchanges"), SETTLE);
    await peer.send(frame(TYPE.reset, 0, 1, Buffer.from([0, 0, 0, 8])));
    await vi.waitFor(() => expect(plain.lines.slice(before)).toMatchObject([cut]), SETTLE);
    peer.drop();
    await plain.expectNothingOpen();
  });
});

test("nothing is said into the middle of a response that has begun", async () => {
  const session = UPLOADS[2] as Kind;
  const text = bytesOf(session, "h1").toString("latin1");
  const peer = await plain.dial({ isTls: false, wire: "h1" });
  await peer.send(Buffer.from(`${text.slice(0, text.indexOf("\r\n\r\n"))}\r\n\r\n`, "latin1"));
  await vi.waitFor(() => expect(peer.received.toString()).toContain("\r\n\r\n"), SETTLE);
  await peer.send(Buffer.from("this is no chunk\r\n"));
  await plain.expectNothingOpen();
  expect(peer.received.toString().match(/HTTP\/1.1/g)).toHaveLength(1);
  peer.drop();
});
