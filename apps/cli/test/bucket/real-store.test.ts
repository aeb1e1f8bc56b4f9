// `lite --bucket` on a store that is no double: versitygw over a directory, killed and frozen while
// records are appended. `S2KIT_VERSITYGW` is the path of its binary (from 1.8.0 on):
//   go install github.com/versity/versitygw/cmd/versitygw@latest

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pass } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LiteProcess, NumberedRecords } from "../harness/bucket.js";
import { Cli } from "../harness/cli.js";

const { S2KIT_VERSITYGW: binary = "" } = process.env;
const KEYS = { id: "testaccess", secret: "testsecret" };

class Gateway {
  readonly url: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, directory: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#args = ["--port", `127.0.0.1:${port}`, "--quiet", "posix", directory];
  }

  static async at(directory: string): Promise<Gateway> {
    mkdirSync(`${directory}/bucket`, { recursive: true });
    const port = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const { port: free } = probe.address() as { port: number };
        probe.close(() => resolve(free));
      });
    });
    return new Gateway(port, directory);
  }

  get env(): Readonly<Record<string, string>> {
    return {
      AWS_ACCESS_KEY_ID: KEYS.id,
      AWS_SECRET_ACCESS_KEY: KEYS.secret,
      AWS_ENDPOINT_URL_S3: this.url,
      AWS_REGION: "us-east-1",
    };
  }

  async start(): Promise<void> {
    const env = { ROOT_ACCESS_KEY_ID: KEYS.id, ROOT_SECRET_ACCESS_KEY: KEYS.secret };
    this.#child = spawn(binary, this.#args, { env, stdio: "ignore" });
    for (let tries = 0; tries < 100; tries++) {
      if (
        await fetch(this.url).then(
          () => true,
          () => false,
        )
      )
        return;
      await pass(100);
    }
    throw new Error("the gateway does not answer");
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }
}

let cli: Cli;
let gateway: Gateway;
const running: LiteProcess[] = [];
beforeEach(async () => {
  cli = Cli.withoutServer();
  gateway = await Gateway.at(cli.path("store"));
});
afterEach(async () => {
  for (const each of running.splice(0)) {
    each.signal("SIGKILL");
    await each.ended;
  }
  await gateway.end();
  await cli.close();
});

function lite(): LiteProcess {
  const args = ["--bucket", "bucket", "--path", "p", "--bucket-lease", "2s"];
  const started = new LiteProcess(args, { ...cli.env, ...gateway.env });
  running.push(started);
  return started;
}

/** Several clients that append until they are told to stop; failures are tried again. */
function load(url: string, writers: readonly NumberedRecords[]): { stop(): Promise<void> } {
  let isOver = false;
  const done = writers.map(async (writer) => {
    while (!isOver) if (!(await writer.append(url).catch(() => false))) await pass(50);
  });
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(done);
    },
  };
}

it.skipIf(binary === "")(
  "keeps every acknowledged record while its store is killed and frozen (needs S2KIT_VERSITYGW)",
  { timeout: 300_000 },
  async () => {
    await gateway.start();
    const writers = Array.from({ length: 8 }, (_, at) => new NumberedRecords(`w${at}-`));
    let server = lite();
    let url = await server.url;
    await writers[0]?.create(url);
    const lost = async (): Promise<number[]> => {
      const all = await Promise.all(writers.map((writer) => writer.lost(url)));
      return all.flat();
    };
    for (let round = 0; round < 4; round++) {
      const before = writers.reduce((sum, { acked }) => sum + acked.length, 0);
      const running = load(url, writers);
      await pass(1000);
      await gateway.end();
      await pass(1500);
      await gateway.start();
      await pass(2500);
      gateway.signal("SIGSTOP");
      await pass(3000);
      gateway.signal("SIGCONT");
      await pass(3000);
      await running.stop();
      expect(writers.reduce((sum, { acked }) => sum + acked.length, 0)).toBeGreaterThan(before);
      expect(await lost()).toEqual([]);
      server.signal(round % 2 === 0 ? "SIGKILL" : "SIGTERM");
      const { code } = await server.ended;
      expect(code).toBe(round % 2 === 0 ? null : 0);
      server = lite();
      url = await server.url;
      expect(await lost()).toEqual([]);
    }
    server.signal("SIGTERM");
    await server.ended;
    const place = ["lite", "verify", "--bucket", "bucket", "--path", "p"];
    const { stderr } = await cli.okRun(place, { env: gateway.env });
    expect(stderr).toContain("is sound");
    const acked = writers.reduce((sum, writer) => sum + writer.acked.length, 0);
    process.stderr.write(`${acked} records were acknowledged: ${stderr}`);
  },
);
