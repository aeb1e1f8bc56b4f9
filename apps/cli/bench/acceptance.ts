// The figures of acceptance section D, each with the command that makes it:
//
//     pnpm bench:acceptance [startup] [tail] [append] [lines] [--gib 1] [--heap 64] [--records 1000000] [--starts 15] [--rounds 3]
//
// startup  median and slowest of so many runs of `--help`, `--version`, `append --help`; the goal is 150 ms
// tail     resident memory of `tail -f` while --records pass through it, with the heap held and free
// append   a file of lines with the heap held to --heap MiB, server on disk, then read back and compared
// lines    the same file through the command and through the SDK by turns, --rounds times: medians, ratio

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { tracked } from "./children.ts";
import { MAIN, startLite } from "./lite-server.ts";

const MIB = 1024 * 1024;
const run = promisify(execFile);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gib: { type: "string", default: "1" },
    heap: { type: "string", default: "64" },
    records: { type: "string", default: "1000000" },
    starts: { type: "string", default: "15" },
    rounds: { type: "string", default: "3" },
  },
});
const wants = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const directory = await mkdtemp(join(tmpdir(), "s2kit-acceptance-"));

/** Answers the peak seen so far; what a process has when it is gone cannot be asked. */
function watchPeak(child: ChildProcess): { peak(): string; stop(): void } {
  let peak = "?";
  const timer = setInterval(() => {
    // A process that just ended has a status without memory.
    const { peak: now } = child.exitCode === null ? memoryOf(child.pid) : { peak };
    if (now !== "NaN") peak = now;
  }, 50);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}

/** Resident memory of another process in MiB, now and at its highest; only on Linux. */
function memoryOf(pid: number | undefined): { now: string; peak: string } {
  if (process.platform !== "linux") return { now: "?", peak: "?" };
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (key: string): string =>
    (Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(0);
  return { now: mib("VmRSS"), peak: mib("VmHWM") };
}

async function withServer(
  storage: readonly string[],
  action: (env: NodeJS.ProcessEnv) => Promise<void>,
): Promise<void> {
  const { env, stop } = await startLite(storage);
  try {
    await run(process.execPath, [MAIN, "create-basin", "acceptance-basin"], { env });
    await run(process.execPath, [MAIN, "create-stream", "s2://acceptance-basin/x"], { env });
    await action(env);
  } finally {
    await stop();
  }
}

async function startup(): Promise<void> {
  for (const args of [["--help"], ["--version"], ["append", "--help"]]) {
    const took: number[] = [];
    for (let i = 0; i < Number(values.starts); i++) {
      const at = performance.now();
      await run(process.execPath, [MAIN, ...args]);
      took.push(performance.now() - at);
    }
    took.sort((a, b) => a - b);
    const [median = 0, slowest = 0] = [took[took.length >> 1], took.at(-1)];
    console.log(
      `startup ${args.join(" ").padEnd(14)} median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms`,
    );
  }
}

async function tail(nodeFlags: readonly string[]): Promise<void> {
  const records = Number(values.records);
  const step = records / 10;
  await withServer(["--in-memory"], async (env) => {
    const uri = "s2://acceptance-basin/x";
    const first = run(process.execPath, [MAIN, "append", uri, "--quiet"], { env });
    first.child.stdin?.end("first\n");
    await first;
    const follower = tracked(
      spawn(process.execPath, [...nodeFlags, MAIN, "tail", "-f", uri], {
        env,
        stdio: ["ignore", "pipe", "ignore"],
      }),
    );
    const seen: string[] = [];
    let lines = 0;
    // Once it shows a record it misses none of those that follow.
    const isFollowing = once(follower.stdout, "data");
    const done = new Promise<void>((resolve) => {
      follower.stdout.on("data", (chunk: Buffer) => {
        const before = Math.floor(lines / step);
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
        if (Math.floor(lines / step) > before) seen.push(memoryOf(follower.pid).now);
        if (lines === records + 1) resolve();
      });
    });
    await isFollowing;
    const append = tracked(
      spawn(process.execPath, [MAIN, "append", uri, "--quiet"], {
        env,
        stdio: ["pipe", "ignore", "inherit"],
      }),
    );
    for (let i = 0; i < records; i += 1000) {
      const block = Array.from({ length: 1000 }, (_, k) => `record ${i + k} ${"x".repeat(80)}\n`);
      if (!append.stdin.write(block.join(""))) await once(append.stdin, "drain");
    }
    append.stdin.end();
    await done;
    const { peak } = memoryOf(follower.pid);
    follower.kill("SIGINT");
    await once(follower, "close");
    const heap = nodeFlags.length === 0 ? "heap free" : `heap held to ${values.heap} MiB`;
    console.log(
      `tail -f ${records} records, ${heap}: MiB resident at each tenth ${seen.join(" ")}, peak ${peak}`,
    );
  });
}

async function linesFile(): Promise<{ readonly path: string; readonly bytes: number }> {
  const bytes = Math.ceil(Number(values.gib) * 1024) * MIB;
  const path = join(directory, "lines.txt");
  const file = createWriteStream(path);
  for (let at = 0, i = 0; at < bytes; at += MIB, i++) {
    const lines = Array.from({ length: 8192 }, (_, k) => `${i} ${k} `.padEnd(127, "abcdefghij"));
    if (!file.write(`${lines.join("\n")}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  return { path, bytes };
}

async function append(): Promise<void> {
  const { path, bytes } = await linesFile();
  const digest = async (source: NodeJS.ReadableStream): Promise<string> => {
    const hash = createHash("sha256");
    for await (const chunk of source) hash.update(chunk as Buffer);
    return hash.digest("hex");
  };
  await withServer(["--local-root", join(directory, "held")], async (env) => {
    const uri = "s2://acceptance-basin/x";
    const held = async (
      name: string,
      args: readonly string[],
      read?: (out: NodeJS.ReadableStream) => Promise<string>,
    ): Promise<string | undefined> => {
      const at = performance.now();
      const child = tracked(
        spawn(process.execPath, [`--max-old-space-size=${values.heap}`, MAIN, ...args], {
          env,
          stdio: ["ignore", "pipe", "inherit"],
        }),
      );
      const memory = watchPeak(child);
      const [found, [code]] = await Promise.all([
        read?.(child.stdout),
        once(child, "exit") as Promise<[number]>,
      ]);
      memory.stop();
      const secs = (performance.now() - at) / 1000;
      const rate = (bytes / MIB / secs).toFixed(0);
      console.log(
        `${name} ${values.gib} GiB, heap held to ${values.heap} MiB: exit ${code}, ${secs.toFixed(1)} s, ${rate} MiB/s, ${memory.peak()} MiB resident at most`,
      );
      return found;
    };
    await held("append", ["append", uri, "-i", path, "--quiet"]);
    const { stdout } = await run(process.execPath, [MAIN, "check-tail", uri], { env });
    const readArgs = ["read", uri, "-s", "0", "-n", stdout.split(" ")[0] ?? "", "--quiet"];
    const back = await held("read", readArgs, digest);
    const isSame = back === (await digest(createReadStream(path)));
    console.log(isSame ? "read back byte for byte" : "READ BACK SOMETHING ELSE");
    if (!isSame) process.exitCode = 1;
  });
}

async function lines(): Promise<void> {
  const { path, bytes } = await linesFile();
  const sdk = fileURLToPath(new URL("lines-sdk.ts", import.meta.url));
  await withServer(["--local-root", join(directory, "data")], async (env) => {
    const secs = new Map<string, number[]>();
    const peaks = new Map<string, string>();
    const timed = async (name: string, args: readonly string[]): Promise<void> => {
      const at = performance.now();
      const child = tracked(
        spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] }),
      );
      child.stdout.resume();
      const memory = watchPeak(child);
      const [code] = (await once(child, "close")) as [number];
      memory.stop();
      peaks.set(name, `${memory.peak()} MiB`);
      if (code !== 0) throw new Error(`${name} ended with ${code}`);
      secs.set(name, [...(secs.get(name) ?? []), (performance.now() - at) / 1000]);
    };
    for (let round = 0; round < Number(values.rounds); round++) {
      const streams = [`command-${round}`, `sdk-${round}`] as const;
      const uris = streams.map((stream) => `s2://acceptance-basin/${stream}`);
      for (const uri of uris) await run(process.execPath, [MAIN, "create-stream", uri], { env });
      const [uri = ""] = uris;
      const count = String((bytes / MIB) * 8192);
      const at = [env.S2_ENDPOINT ?? "", "acceptance-basin", streams[1]];
      await timed("append", [MAIN, "append", uri, "-i", path, "--quiet"]);
      await timed("append, SDK", [sdk, "append", ...at, path]);
      await timed("read", [MAIN, "read", uri, "-s", "0", "-n", count, "--quiet"]);
      await timed("read, SDK", [sdk, "read", ...at, count]);
    }
    const medianOf = (name: string): number => {
      const sorted = [...(secs.get(name) ?? [])].sort((a, b) => a - b);
      return sorted[sorted.length >> 1] ?? Number.NaN;
    };
    for (const name of ["append", "read"]) {
      const [command, bare] = [medianOf(name), medianOf(`${name}, SDK`)];
      const rate = (took: number): string => `${(bytes / MIB / took).toFixed(0)} MiB/s`;
      console.log(
        `${name} ${values.gib} GiB of lines: command ${command.toFixed(1)} s, ${rate(command)}, resident ${peaks.get(name)}; SDK ${bare.toFixed(1)} s, ${rate(bare)}, resident ${peaks.get(`${name}, SDK`)}; ratio ${(bare / command).toFixed(2)}`,
      );
    }
  });
}

try {
  if (wants("startup")) await startup();
  if (wants("tail"))
    for (const flags of [[`--max-old-space-size=${values.heap}`], []]) await tail(flags);
  if (wants("append")) await append();
  if (wants("lines")) await lines();
} finally {
  await rm(directory, { recursive: true, force: true });
}
