// A bucket in a process of its own (the double of server-lite's tests, over real sockets), and servers
// on it in processes of theirs: what is killed, stopped and started again is what users have.

import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { jsonLinesOf } from "./cli.js";
import { MAIN } from "./runs.js";

const support = (path: string): string =>
  fileURLToPath(new URL(`../../../../packages/server-lite/test/${path}`, import.meta.url));

/** What the double takes. */
const KEYS = { AWS_ACCESS_KEY_ID: "AKDOUBLE", AWS_SECRET_ACCESS_KEY: "secret/of+the=double" };

/** What goes wrong with every request; null: nothing. See `bucket-double/faults`. */
export type BucketFault =
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "slow"; readonly effectMs: number; readonly answerMs: number }
  | null;

export class BucketProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** @param options - of the double */
  static async start(options: object = {}): Promise<BucketProcess> {
    const loader = support("storage/programs/source-loader.mjs");
    const child = fork(support("support/bucket-double/program.ts"), [JSON.stringify(options)], {
      execArgv: ["--import", loader],
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [
      Buffer,
    ];
    return new BucketProcess(child, String(line).trim());
  }

  /** What a server needs to find it. */
  get env(): Readonly<Record<string, string>> {
    return { ...KEYS, AWS_ENDPOINT_URL_S3: this.url };
  }

  plan(fault: BucketFault): Promise<void> {
    return this.#tell(fault);
  }

  /** Kills a process when so many requests have come from now on. */
  killAt(pid: number, requests: number): Promise<void> {
    return this.#tell({ kind: "kill", pid, requests });
  }

  async #tell(message: object | null): Promise<void> {
    const planned = once(this.#child, "message");
    this.#child.send(message as object);
    await planned;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

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
