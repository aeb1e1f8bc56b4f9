// Requests that are due at a steady rate. One that finds no free writer waits, and its latency has
// begun: a server that stands still is charged for all whom it kept waiting.

import type { Writer } from "./post-writer.ts";

/** How often it looks what is due: latencies are that exact. */
const TICK_MS = 1;

export class Backlog {
  private readonly free: Writer[];
  private readonly startedAt: number;
  private readonly perMs: number;
  private readonly latencies: number[] = [];
  private sent = 0;

  constructor(writers: readonly Writer[], startedAt: number, perSec: number) {
    this.free = [...writers];
    this.startedAt = startedAt;
    this.perMs = perSec / 1000;
  }

  /** Sends what is due in so long, then waits for the answers: milliseconds from due to answered. */
  run(ms: number): Promise<readonly number[]> {
    const total = Math.max(1, Math.floor(ms * this.perMs));
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => this.sendDue(total, finish), TICK_MS);
      const finish = (error?: Error): void => {
        if (error !== undefined) reject(error);
        else if (this.latencies.length < total) return;
        clearInterval(timer);
        resolve(this.latencies);
      };
    });
  }

  private sendDue(total: number, finish: (error?: Error) => void): void {
    const due = Math.min(total, Math.floor((performance.now() - this.startedAt) * this.perMs));
    while (this.sent < due) {
      const writer = this.free.pop();
      if (writer === undefined) return;
      const dueAt = this.startedAt + this.sent++ / this.perMs;
      writer.send((error) => {
        this.free.push(writer);
        this.latencies.push(performance.now() - dueAt);
        this.sendDue(total, finish);
        finish(error);
      });
    }
  }
}
