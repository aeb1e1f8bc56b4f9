// A server program of either vendor on a free port of this machine, ready when its health says so,
// ended with SIGTERM by its own handle.

import { mkdtemp, rm } from "node:fs/promises";
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { placeOfSuite } from "@s2kit/bucket/suite";
import { type Ended, type Running, start } from "./process.js";
import { programOf, type Vendor } from "./programs.js";

export interface Lite extends AsyncDisposable {
  readonly url: string;
  readonly running: Running;
  /** Sends SIGTERM and answers how it ended. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface LiteOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly scheme?: "http" | "https";
  /** Keeps its data in a directory that goes with the server, whatever the suite is on. */
  readonly isOnDisk?: boolean;
}

const READY_MS = 30_000;
const DRAIN_MS = 30_000;

export async function startLite(vendor: Vendor, options: LiteOptions = {}): Promise<Lite> {
  const home = await mkdtemp(join(tmpdir(), "s2kit-parity-lite-"));
  const port = await freePort();
  const { env = {}, scheme = "http", isOnDisk = false } = options;
  const args = [...(options.args ?? []), ...(isOnDisk ? ["--local-root", join(home, "data")] : [])];
  // Ours keeps data by default: see the difference "storage of lite without a flag".
  const isElsewhere = vendor === "official" || args.includes("--local-root");
  const place = isElsewhere ? undefined : (placeOfSuite() ?? { args: ["--in-memory"], env: {} });
  const { NODE_COMPILE_CACHE: cache } = process.env;
  const running = start(
    [...programOf(vendor), "lite", "--port", String(port), ...(place?.args ?? []), ...args],
    {
      env: {
        PATH: process.env.PATH ?? "",
        HOME: home,
        NO_COLOR: "1",
        // Where the gate keeps compiled code, as for the commands of a cell.
        ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
        ...place?.env,
        ...env,
      },
      isServer: true,
    },
  );
  const url = `${scheme}://localhost:${port}`;
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> => {
    running.child.kill(signal);
    // A server that does not drain is a failure (its code is null), not a suite that hangs.
    const patience = setTimeout(() => running.child.kill("SIGKILL"), DRAIN_MS);
    const end = await running.ended;
    clearTimeout(patience);
    await rm(home, { recursive: true, force: true });
    return end;
  };
  await ready(url, running);
  return { url, running, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

async function ready(url: string, { ended }: Running): Promise<void> {
  let end: Ended | undefined;
  void ended.then((value) => {
    end = value;
  });
  const deadline = Date.now() + READY_MS;
  while ((await statusOf(`${url}/health`)) !== 200) {
    if (end !== undefined) throw new Error(`the server ended: ${JSON.stringify(end)}`);
    if (Date.now() > deadline) throw new Error(`the server is not ready url=${url}`);
    await sleep(20);
  }
}

/** The status of a GET, 0 when there is no connection. Certificates are not verified here. */
async function statusOf(url: string): Promise<number> {
  try {
    return (await request(url)).status;
  } catch {
    return 0;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export function request(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const get = url.startsWith("https:") ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    get(url, { headers, rejectUnauthorized: false, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: String(Buffer.concat(chunks)),
        });
      });
    }).on("error", reject);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
