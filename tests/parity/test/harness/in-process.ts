// Our command in this process, for rows that look at what it says and does: a start costs a hundred
// times what most commands cost. Signals, servers and benchmarks have processes.

import { Readable, Writable } from "node:stream";
import { type Ended, type StartOptions, withoutEscapes } from "./process.js";
import { OUR_COMMAND } from "./programs.js";

interface CommandModule {
  readonly runCommand: (argv: readonly string[], around: object) => Promise<number>;
}

/** They end by a signal, or start a worker. */
const ALONE: ReadonlySet<string> = new Set(["lite", "server", "dev", "demo", "studio", "bench"]);

/** Whether the command neither needs a process nor changes this one. */
export function mayRunHere(
  args: readonly string[],
  { env = {}, keepsInputOpen, isServer }: Partial<Omit<StartOptions, "env">> & { env?: object },
): boolean {
  const trustsAny = args.includes("--insecure") || "S2_SSL_NO_VERIFY" in env;
  const isHeld = keepsInputOpen === true || isServer === true;
  return !isHeld && !trustsAny && !args.some((word) => ALONE.has(word));
}

export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string | Uint8Array,
): Promise<Ended> {
  const { runCommand } = (await import(OUR_COMMAND)) as CommandModule;
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const code = await runCommand(args, {
    env,
    stdin: Readable.from(input.length === 0 ? [] : [Buffer.from(input)], { objectMode: false }),
    stdout: collector(out),
    stderr: collector(err),
    interrupt: () => new AbortController().signal,
  });
  return { code, stdout: withoutEscapes(out), stderr: withoutEscapes(err) };
}

function collector(into: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      // The writer may use its bytes again once they are written.
      into.push(Buffer.from(chunk));
      done();
    },
  });
}
