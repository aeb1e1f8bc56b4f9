// Load generator of unary requests: writers over HTTP/1.1 keep-alive on bare sockets, so that the load
// costs less than the server it measures. Either each writer sends its next request when the answer
// to the last has come, or requests are due at a steady rate, whatever the answers take.

import { percentile } from "../figure.ts";
import { Backlog } from "../load/backlog.ts";
import { openWriter, type Writer } from "../load/post-writer.ts";
import type { LoadRound } from "./frame-load.ts";

export interface PostLoadSettings {
  readonly url: string;
  /** A `COUNTER` in path or body becomes another number for each request. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly writers: number;
  /** Counters start anew after so many. Default never. */
  readonly counters?: number;
}

export interface PostLoadRole {
  run(ms: number): Promise<LoadRound>;
  /** Latencies count from the moment when a request was due: a slow answer delays those behind it. */
  runPaced(load: { readonly ms: number; readonly perSec: number }): Promise<LoadRound>;
  close(): Promise<void>;
}

export async function open(settings: PostLoadSettings): Promise<PostLoadRole> {
  let counter = 0;
  const nextCounter = (): number => {
    const taken = counter++;
    return settings.counters === undefined ? taken : taken % settings.counters;
  };
  const writers = await Promise.all(
    Array.from({ length: settings.writers }, () => openWriter(settings, nextCounter)),
  );
  return {
    async run(ms) {
      const latencies: number[] = [];
      const startedAt = performance.now();
      await Promise.all(writers.map((writer) => closedLoop(writer, startedAt + ms, latencies)));
      return roundOf(latencies, startedAt);
    },
    async runPaced({ ms, perSec }) {
      const startedAt = performance.now();
      const latencies = await new Backlog(writers, startedAt, perSec).run(ms);
      return roundOf(latencies, startedAt);
    },
    async close() {
      for (const writer of writers) writer.close();
    },
  };
}

function closedLoop(writer: Writer, endsAt: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = performance.now();
    const send = (): void => {
      sentAt = performance.now();
      writer.send(answered);
    };
    const answered = (error?: Error): void => {
      const now = performance.now();
      latencies.push(now - sentAt);
      if (error !== undefined) reject(error);
      else if (now < endsAt) send();
      else resolve();
    };
    send();
  });
}

function roundOf(latencies: readonly number[], startedAt: number): LoadRound {
  return {
    acks: latencies.length,
    seconds: (performance.now() - startedAt) / 1000,
    p50Micros: percentile(latencies, 0.5) * 1000,
    p99Micros: percentile(latencies, 0.99) * 1000,
  };
}
