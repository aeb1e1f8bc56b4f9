// The double of server-lite's tests in a process of its own, which ends with this one. What is sent to it makes its next
// requests go wrong: see `bucket-double/program` there.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** What goes wrong with every request; null: nothing. */
export type BucketFault =
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "slow"; readonly effectMs: number; readonly answerMs: number }
  | { readonly kind: "hang"; readonly hasEffect: boolean }
  | null;

/** The only one it has. */
export const BUCKET = "bucket";
/** What the double takes. */
const KEYS = { AWS_ACCESS_KEY_ID: "AKDOUBLE", AWS_SECRET_ACCESS_KEY: "secret/of+the=double" };

const SERVER_TESTS: string = join(
  dirname(createRequire(import.meta.url).resolve("@s2kit/server-lite/package.json")),
  "test",
);

export class BucketProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** @param options - of the double */
  static async start(options: object = {}): Promise<BucketProcess> {
    const loader = pathToFileURL(join(SERVER_TESTS, "storage/programs/source-loader.mjs")).href;
    const program = join(SERVER_TESTS, "support/bucket-double/program.ts");
    const child = fork(program, [JSON.stringify(options)], {
      execArgv: ["--import", loader],
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    const [line] = (await Promise.race([
      once(child.stdout as NonNullable<typeof child.stdout>, "data"),
      once(child, "exit").then(([code]) => {
        throw new Error(`the double ended before it listened code=${code}`);
      }),
    ])) as [Buffer];
    return new BucketProcess(child, String(line).trim());
  }

  /** What a server needs to find it. */
  get env(): Readonly<Record<string, string>> {
    return { ...KEYS, AWS_ENDPOINT_URL_S3: this.url, AWS_REGION: "us-east-1" };
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
