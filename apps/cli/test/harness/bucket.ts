// Servers on a bucket in processes of their own, and a small client: what is killed, stopped and
// started again is what users have.

import { type ChildProcess, spawn } from "node:child_process";
import { jsonLinesOf } from "./cli.js";
import { MAIN } from "./runs.js";

export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** `s2kit lite` in a process of its own. */
export class LiteProcess {
  readonly child: ChildProcess;
  /** When it has ended. */
  readonly ended: Promise<Ended>;
  /** Its URL, once it serves; rejects when it ends before. */
  readonly url: Promise<string>;
  #stderr = "";

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [MAIN, "lite", "--port", "0", "--json", ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr += String(chunk);
    });
    this.ended = new Promise((resolve) =>
      child.on("close", (code) => resolve({ code, stderr: this.#stderr })),
    );
    this.url = new Promise((resolve, reject) => {
      let stdout = "";
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += String(chunk);
        if (stdout.includes("\n")) resolve((jsonLinesOf(stdout)[0] as { url: string }).url);
      });
      void this.ended.then(({ code, stderr }) => reject(new Error(`ended ${code}: ${stderr}`)));
    });
    this.url.catch(() => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** A small client: one stream, records with numbers as bodies. */
export class NumberedRecords {
  /** Numbers that were acknowledged. */
  readonly acked: number[] = [];
  readonly #name: string;
  #next = 0;

  /** @param name - tells its records from those of others in the same stream */
  constructor(name = "r") {
    this.#name = name;
  }

  async create(url: string): Promise<void> {
    await told(url, "PUT", "/basins/bucket-basin", {});
    await told(url, "PUT", "/streams/s", {});
  }

  /** Appends until something does not work. */
  async appendUntilFailure(url: string): Promise<void> {
    try {
      while (await this.append(url)) continue;
    } catch {
      // The process is gone: what it did not acknowledge may be there or not.
    }
  }

  async append(url: string): Promise<boolean> {
    const number = this.#next++;
    const records = [{ body: `${this.#name}${number}` }];
    const response = await call(url, "POST", "/streams/s/records", { records });
    await response.text();
    if (response.ok) this.acked.push(number);
    return response.ok;
  }

  /** The numbers that were acknowledged and are not there. */
  async lost(url: string): Promise<number[]> {
    const there = new Set<string>();
    for (let seqNum = 0; ; ) {
      const path = `/streams/s/records?seq_num=${seqNum}&count=1000&clamp=true`;
      const response = await told(url, "GET", path);
      const { records = [] } = (await response.json()) as { records?: { body: string }[] };
      for (const { body } of records) there.add(body);
      if (records.length === 0) break;
      seqNum += records.length;
    }
    return this.acked.filter((number) => !there.has(`${this.#name}${number}`));
  }
}

export function call(url: string, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${url}/v1${path}`, {
    method,
    headers: { "content-type": "application/json", "s2-basin": "bucket-basin" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/**
 * Asks until the server can tell: on a busy machine its lease lapses now and then, and it says so by
 * a 503. At the tail there is nothing to read: 416. All else is an error, never "no records".
 */
async function told(url: string, method: string, path: string, body?: object): Promise<Response> {
  const endsAt = performance.now() + 20_000;
  for (;;) {
    const response = await call(url, method, path, body);
    if (response.ok || response.status === 416) return response;
    const text = await response.text();
    if (response.status !== 503 || performance.now() > endsAt)
      throw new Error(`status ${response.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
