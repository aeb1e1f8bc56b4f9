// Load generator of append sessions: sends one prebuilt frame again and again, with a bounded number
// outstanding per session, and times the acknowledgements. The same for servers and references.

import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import {
  createFrameDecoder,
  encodeAppendInput,
  encodeMessageFrame,
  type FrameDecoder,
  HEADER_BASIN,
  MEDIA_S2S,
} from "@s2kit/core";
import { percentile } from "../figure.ts";

export interface FrameLoadSettings {
  /** `http://` speaks HTTP/2 with prior knowledge, `tcp://` nothing at all. */
  readonly url: string;
  readonly basin: string;
  /** One session per stream; dealt out over the connections. */
  readonly streams: readonly string[];
  readonly connections: number;
  readonly records: number;
  readonly bodyBytes: number;
  /** Frames without acknowledgement, per session. */
  readonly outstanding: number;
}

export interface LoadRound {
  readonly acks: number;
  readonly seconds: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

export interface FrameLoadRole {
  /** Sends for so long, then waits for every acknowledgement. */
  run(ms: number): Promise<LoadRound>;
  close(): Promise<void>;
}

/** Latencies of a round beyond this many are not kept. */
const MAX_LATENCIES = 400_000;

export async function open(settings: FrameLoadSettings): Promise<FrameLoadRole> {
  const { records, bodyBytes, streams, outstanding } = settings;
  const body = new Uint8Array(bodyBytes).fill(0x61);
  const message = encodeAppendInput({
    records: Array.from({ length: records }, () => ({ headers: [], body })),
  });
  const frame = Buffer.from(encodeMessageFrame(message));
  const connections = await Promise.all(
    Array.from({ length: settings.connections }, () => openConnection(settings)),
  );
  const sessions = await Promise.all(
    streams.map(async (stream, index) => {
      const connection = connections[index % connections.length] as Connection;
      return new LoadSession(await connection.open(stream), frame, outstanding);
    }),
  );
  return {
    async run(ms) {
      const latencies: number[] = [];
      const startedAt = performance.now();
      const counts = await Promise.all(
        sessions.map((session) => session.run(startedAt + ms, latencies)),
      );
      return {
        acks: counts.reduce((sum, count) => sum + count, 0),
        seconds: (performance.now() - startedAt) / 1000,
        p50Micros: percentile(latencies, 0.5) * 1000,
        p99Micros: percentile(latencies, 0.99) * 1000,
      };
    },
    async close() {
      for (const session of sessions) session.end();
      for (const connection of connections) connection.close();
    },
  };
}

class LoadSession {
  private readonly duplex: Duplex;
  private readonly frame: Buffer;
  private readonly outstanding: number;
  private readonly decoder: FrameDecoder = createFrameDecoder();
  /** When the frames that are not acknowledged were sent: a ring. */
  private readonly sentAt: Float64Array;
  private sent = 0;
  private acked = 0;
  private endsAt = 0;
  private latencies: number[] = [];
  private done: PromiseWithResolvers<void> | undefined;

  constructor(duplex: Duplex, frame: Buffer, outstanding: number) {
    this.duplex = duplex;
    this.frame = frame;
    this.outstanding = outstanding;
    this.sentAt = new Float64Array(outstanding);
    duplex.on("data", (chunk: Buffer) => this.onData(chunk));
    duplex.on("close", () => this.done?.reject(new Error("a session ended early")));
  }

  async run(endsAt: number, latencies: number[]): Promise<number> {
    const before = this.acked;
    this.endsAt = endsAt;
    this.latencies = latencies;
    this.done = Promise.withResolvers();
    this.fill(performance.now());
    await this.done.promise;
    this.done = undefined;
    return this.acked - before;
  }

  end(): void {
    this.duplex.end();
  }

  private onData(chunk: Buffer): void {
    const now = performance.now();
    this.decoder.push(chunk);
    for (;;) {
      const frame = this.decoder.next();
      if (frame === undefined) break;
      if (frame.kind === "terminal") {
        this.done?.reject(new Error(`a session failed: ${frame.status} ${frame.json}`));
        return;
      }
      const latency = now - (this.sentAt[this.acked % this.outstanding] as number);
      if (this.latencies.length < MAX_LATENCIES) this.latencies.push(latency);
      this.acked++;
    }
    this.fill(now);
  }

  private fill(now: number): void {
    if (now < this.endsAt)
      while (this.sent - this.acked < this.outstanding) {
        this.sentAt[this.sent % this.outstanding] = now;
        this.sent++;
        this.duplex.write(this.frame);
      }
    else if (this.sent === this.acked) this.done?.resolve();
  }
}

interface Connection {
  open(stream: string): Promise<Duplex>;
  close(): void;
}

async function openConnection({ url, basin }: FrameLoadSettings): Promise<Connection> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "tcp:")
    return {
      open: () =>
        new Promise((resolve, reject) => {
          const socket = connectTcp({ host: hostname, port: Number(port), noDelay: true });
          socket.once("connect", () => resolve(socket));
          socket.on("error", reject);
        }),
      close: () => undefined,
    };
  const session = connectHttp2(url, {
    maxSessionMemory: 128,
    settings: { initialWindowSize: 8 * 1024 * 1024, maxFrameSize: 1024 * 1024 },
  });
  session.setMaxListeners(0);
  await new Promise((resolve, reject) => {
    session.once("remoteSettings", resolve);
    session.on("error", reject);
  });
  session.setLocalWindowSize(64 * 1024 * 1024);
  return {
    open: (stream) => openAppend(session, basin, stream),
    close: () => session.close(),
  };
}

function openAppend(session: ClientHttp2Session, basin: string, stream: string): Promise<Duplex> {
  const duplex = session.request({
    ":method": "POST",
    ":path": `/v1/streams/${stream}/records`,
    [HEADER_BASIN]: basin,
    "content-type": MEDIA_S2S,
  });
  return new Promise((resolve, reject) => {
    duplex.on("error", reject);
    duplex.once("response", (headers) => {
      if (headers[":status"] === 200) resolve(duplex);
      else reject(new Error(`an append session was refused status=${headers[":status"]}`));
    });
  });
}
