// Kills the built command in the middle of export, import and cp, again and again at points drawn from
// a seed, lets it run once more undisturbed, and compares: the file must be byte for byte the one that
// nobody disturbed, the stream must hold what the source holds.

import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@s2kit/core/testing";
import { tracked } from "../children.ts";
import { MAIN } from "../lite-server.ts";
import { startCutProxy } from "./cut-proxy.ts";
import {
  drawPoint,
  type Extent,
  everyFileStep,
  type Kill,
  type KillPoint,
  type TransferCommand,
} from "./kill-plan.ts";
import { BASIN, SOURCE, TransferWorld, type WorldOptions } from "./transfer-world.ts";

const FILE_STEPS = fileURLToPath(new URL("file-steps.mjs", import.meta.url));
/** A run that hangs is a failure, not a wait. */
const RUN_LIMIT_MS = 60_000;
/** What a command may answer whose server or connection went away under it. */
const LOST_CODES: ReadonlySet<number | null> = new Set([0, 1, 5, 8]);

export interface KillPointsOptions extends WorldOptions {
  /** Drawn from the seed; `every-file-step` are all there are, in order. */
  readonly points: number | "every-file-step";
  readonly onPoint?: (done: number) => void;
}

export interface KillPointsResult {
  readonly engine: string;
  readonly seed: number;
  readonly points: number;
  /** Kills by kind; several may fall on one point. */
  readonly kills: Readonly<Record<string, number>>;
  readonly commands: Readonly<Record<string, number>>;
  /** Kills that came after the command had ended. */
  readonly tooLate: number;
  /** Each with the point, to be drawn again from the seed. */
  readonly failures: readonly string[];
}

export async function runKillPoints(options: KillPointsOptions): Promise<KillPointsResult> {
  const { engine, seed } = options;
  let done = 0;
  const world = await TransferWorld.open(options, async (opened, path) => {
    const { code, stderr } = await run(["export", SOURCE, "-o", path], opened.url);
    if (code !== 0) throw new Error(`reference export failed: ${stderr}`);
  });
  const kills: Record<string, number> = {};
  const commands: Record<string, number> = {};
  const failures: string[] = [];
  let tooLate = 0;
  try {
    const plan = planOf(options, await measure(world));
    for (const [index, point] of plan.entries()) {
      const outcome = await judge(world, point, index);
      for (const { kind } of point.kills) kills[kind] = (kills[kind] ?? 0) + 1;
      commands[point.command] = (commands[point.command] ?? 0) + 1;
      tooLate += outcome.tooLate;
      if (outcome.failure !== undefined)
        failures.push(`point ${index} ${JSON.stringify(point)}: ${outcome.failure}`);
      done++;
      options.onPoint?.(done);
    }
  } finally {
    await world.close();
  }
  return { engine, seed, points: done, kills, commands, tooLate, failures };
}

function planOf(
  { points, seed, engine }: KillPointsOptions,
  extents: Readonly<Record<TransferCommand, Extent>>,
): readonly KillPoint[] {
  if (points === "every-file-step") return everyFileStep(extents);
  const random = seededRandom(seed + 1);
  return Array.from({ length: points }, () => drawPoint(random, extents, engine === "disk"));
}

interface Outcome {
  readonly failure?: string | undefined;
  readonly tooLate: number;
}

async function judge(world: TransferWorld, point: KillPoint, index: number): Promise<Outcome> {
  const name = `copy-${index}`;
  const path = join(world.directory, `${name}.jsonl`);
  const args = argumentsOf(world, point.command, name, path);
  let tooLate = 0;
  try {
    for (const kill of point.kills) {
      const { code, signal, stderr } = await runKilled(world, args, kill);
      if (signal !== "SIGKILL") tooLate += code === 0 ? 1 : 0;
      const isExpected = signal === "SIGKILL" || code === 0 || isLost(kill, code);
      if (!isExpected) return { tooLate, failure: `killed run ended with ${code}: ${stderr}` };
    }
    const { code, stderr } = await run(args, world.url);
    if (code !== 0) return { tooLate, failure: `went on with ${code}: ${stderr}` };
    return { tooLate, failure: await differenceOf(world, point.command, name, path) };
  } finally {
    await world.forget(name, path);
  }
}

function isLost(kill: Kill, code: number | null): boolean {
  return kill.kind === "at-byte" && kill.victim !== "command" && LOST_CODES.has(code);
}

async function differenceOf(
  world: TransferWorld,
  command: TransferCommand,
  name: string,
  path: string,
): Promise<string | undefined> {
  if (command === "import" || command === "cp") return await world.differenceOfStream(name);
  const left = readdirSync(world.directory).filter((file) => file.startsWith(`${name}.`));
  if (left.length !== 2) return `left behind: ${left.join(" ")}`;
  return world.differenceOfFile(path);
}

function argumentsOf(
  world: TransferWorld,
  command: TransferCommand,
  name: string,
  path: string,
): readonly string[] {
  switch (command) {
    case "export":
      return ["export", SOURCE, "-o", path];
    case "export-again":
      for (const suffix of ["", ".manifest.json"])
        copyFileSync(world.halfPath + suffix, path + suffix);
      return ["export", SOURCE, "-o", path];
    case "import":
      return ["import", `s2://${BASIN}/${name}`, "-i", world.wholePath];
    case "cp":
      return ["cp", SOURCE, `s2://${BASIN}/${name}`];
  }
}

/** What there is to cut in each command. */
async function measure(world: TransferWorld): Promise<Record<TransferCommand, Extent>> {
  const extentOf = async (command: TransferCommand): Promise<Extent> => {
    const name = `measure-${command}`;
    const path = join(world.directory, `${name}.jsonl`);
    const log = join(world.directory, `${name}.log`);
    const args = argumentsOf(world, command, name, path);
    const proxy = await startCutProxy(world.url, undefined, () => undefined);
    const started = performance.now();
    const { code, stderr } = await run(args, proxy.url, { S2KIT_STEP_LOG: log });
    const millis = performance.now() - started;
    await proxy.close();
    if (code !== 0) throw new Error(`undisturbed ${command} failed: ${stderr}`);
    const fileSteps = existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0;
    rmSync(log, { force: true });
    await world.forget(name, path);
    return { bytes: { ...proxy.passed }, fileSteps, millis };
  };
  return {
    export: await extentOf("export"),
    "export-again": await extentOf("export-again"),
    import: await extentOf("import"),
    cp: await extentOf("cp"),
  };
}

async function runKilled(
  world: TransferWorld,
  args: readonly string[],
  kill: Kill,
): Promise<RunEnd> {
  switch (kill.kind) {
    case "at-time":
      return await run(args, world.url, {}, (child) => {
        const timer = setTimeout(() => child.kill("SIGKILL"), kill.millis);
        child.once("close", () => clearTimeout(timer));
      });
    case "at-file-step":
      return await run(args, world.url, {
        S2KIT_KILL_AT_STEP: String(kill.step),
        S2KIT_KILL_SIDE: kill.side,
      });
    case "at-byte":
      return await runCut(world, args, kill);
  }
}

async function runCut(
  world: TransferWorld,
  args: readonly string[],
  { cut, victim }: Extract<Kill, { kind: "at-byte" }>,
): Promise<RunEnd> {
  let child: ChildProcess | undefined;
  let serverGone: Promise<void> | undefined;
  const proxy = await startCutProxy(world.url, cut, () => {
    if (victim === "command") child?.kill("SIGKILL");
    else if (victim === "connection") proxy.breakAll();
    else serverGone = world.killServer();
  });
  const end = await run(args, proxy.url, {}, (started) => {
    child = started;
  });
  await proxy.close();
  if (serverGone !== undefined) {
    await serverGone;
    await world.startServer();
  }
  return end;
}

interface RunEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

function run(
  args: readonly string[],
  url: string,
  env: Readonly<Record<string, string>> = {},
  onStart: (child: ChildProcess) => void = () => undefined,
): Promise<RunEnd> {
  const child = tracked(
    spawn(process.execPath, ["--import", FILE_STEPS, MAIN, ...args], {
      env: {
        PATH: process.env.PATH,
        // Where the gate keeps compiled code: the command is parsed once, not at each kill.
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        S2_ENDPOINT: url,
        S2_ACCESS_TOKEN: "kills",
        ...env,
      },
      stdio: ["ignore", "ignore", "pipe"],
    }),
  );
  onStart(child);
  const limit = setTimeout(() => child.kill("SIGTERM"), RUN_LIMIT_MS);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + String(chunk)).slice(-2000);
  });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, stderr });
    });
  });
}
