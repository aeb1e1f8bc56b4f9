// A server under the goals, ours or the official one, in a process of its own: started on a place in a bucket, ended by its
// own handle, weighed by what the kernel counts.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export type Vendor = "ours" | "s2";

/** Where it keeps what it is given. */
export interface BucketOfServer {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly env: Readonly<Record<string, string>>;
}

const READY_MS = 60_000;
const END_MS = 15_000;
const LOADER: string = fileURLToPath(
  new URL("../../test/storage/programs/source-loader.mjs", import.meta.url),
);

/** The official command: what S2KIT_S2 names, or the first on PATH; undefined when there is none. */
export function findS2(env: NodeJS.ProcessEnv): string | undefined {
  const { S2KIT_S2: named, PATH: path = "" } = env;
  const places =
    named === undefined ? path.split(delimiter).map((each) => join(each, "s2")) : [named];
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export class ServerProcess {
  readonly url: string;
  /** From its start until it said that it is well. */
  readonly startMs: number;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, url: string, startMs: number) {
    this.child = child;
    this.url = url;
    this.startMs = startMs;
  }

  /** @throws when it does not get well */
  static async start(vendor: Vendor, place: BucketOfServer): Promise<ServerProcess> {
    const sinceMs = performance.now();
    const env = { PATH: process.env["PATH"], ...process.env, ...place.env };
    const [child, url] = vendor === "ours" ? await ours(place, env) : await official(place, env);
    await untilWell(child, url, sinceMs + READY_MS);
    return new ServerProcess(child, url, performance.now() - sinceMs);
  }

  /** One that does not end by itself is killed. @returns whether it did */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<boolean> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return true;
    const ended = once(child, "exit");
    child.kill(signal);
    const hurry = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await ended;
    clearTimeout(hurry);
    return signal === "SIGKILL" || child.signalCode !== "SIGKILL";
  }

  /** Processor time of all threads that still run, s. Linux. */
  get cpuSeconds(): number {
    const { pid } = this.child;
    let nanos = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const counted = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
      nanos += Number(counted.split(" ", 1)[0]);
    }
    return nanos / 1e9;
  }

  /** Most that it ever had resident, MiB. Linux. */
  get peakMib(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
  }
}

async function ours(
  { endpoint, bucket, prefix }: BucketOfServer,
  env: NodeJS.ProcessEnv,
): Promise<[ChildProcess, string]> {
  const program = fileURLToPath(new URL("our-server.ts", import.meta.url));
  const storage = JSON.stringify({ kind: "bucket", endpoint, bucket, prefix });
  const child = spawn(process.execPath, ["--import", LOADER, program, storage], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  killWithThisProcess(child);
  const [line] = (await Promise.race([once(child.stdout, "data"), failing(child)])) as [Buffer];
  return [child, String(line).trim()];
}

async function official(
  { endpoint, bucket, prefix }: BucketOfServer,
  env: NodeJS.ProcessEnv,
): Promise<[ChildProcess, string]> {
  const command = findS2(env);
  if (command === undefined)
    throw new Error("there is no `s2`: put it on PATH, or name it by S2KIT_S2");
  const port = await freePort();
  const args = ["lite", "--bucket", bucket, "--path", prefix, "--port", String(port)];
  const child = spawn(command, [...args, "--no-dashboard"], {
    env: { RUST_LOG: "error", AWS_ENDPOINT_URL: endpoint, AWS_ALLOW_HTTP: "true", ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  killWithThisProcess(child);
  await Promise.race([once(child, "spawn"), failing(child)]);
  return [child, `http://127.0.0.1:${port}`];
}

function killWithThisProcess(child: ChildProcess): void {
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
}

/** Rejects when it ends before it should. */
async function failing(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, "exit")) as [number | null];
  throw new Error(`the server ended before it served code=${code}`);
}

async function untilWell(child: ChildProcess, url: string, endsAt: number): Promise<void> {
  while (performance.now() < endsAt && child.exitCode === null) {
    const status = await fetch(`${url}/health`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill("SIGKILL");
  throw new Error(`the server did not get well url=${url}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}
