// The double of the tests in a process of its own, whose requests take effect late, and which counts what is put.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { KEYS } from "../../test/support/bucket-double/double.js";

export interface Puts {
  readonly puts: number;
  readonly putBytes: number;
}

const path = (name: string): string =>
  fileURLToPath(new URL(`../../test/${name}`, import.meta.url));

export class DoubleProcess {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
    this.env = {
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_REGION: "us-east-1",
    };
  }

  static async start(): Promise<DoubleProcess> {
    const child = fork(path("support/bucket-double/program.ts"), ["{}"], {
      execArgv: ["--import", path("storage/programs/source-loader.mjs")],
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [
      Buffer,
    ];
    return new DoubleProcess(child, String(line).trim());
  }

  /** All requests take effect so late from now on. */
  async delay(effectMs: number): Promise<void> {
    await this.ask({ kind: "slow", effectMs, answerMs: 0 });
  }

  /** What was put since the start. */
  async counted(): Promise<Puts> {
    return (await this.ask({ kind: "count" })) as Puts;
  }

  end(): void {
    this.child.disconnect();
  }

  private async ask(message: object): Promise<unknown> {
    const answered = once(this.child, "message");
    this.child.send(message);
    const [answer] = (await answered) as [unknown];
    return answer;
  }
}
