// Reads under a queue-like load on the disk engine with default settings, against a model:
// `pnpm bench:queue [--seconds 60] [--lives N] [--mb-per-second 16] [--seed 1] [--directory PATH] [--json]`.
// Kills the server with SIGKILL at the end of each life and restarts it. Ends by itself; exit 1 at the
// first answer that is wrong, with the directory left for a look.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "@s2kit/core";
import { verifyDirectory } from "../src/storage/disk/inspect/verify-directory.js";
import { runQueueLoad } from "./queue/load.js";
import { QUEUE_SHAPES } from "./queue/shapes.js";

const SECONDS_PER_LIFE = 15;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    lives: { type: "string" },
    "mb-per-second": { type: "string", default: "16" },
    seed: { type: "string", default: "1" },
    directory: { type: "string", default: tmpdir() },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const lives = Number(values.lives ?? Math.max(2, Math.round(seconds / SECONDS_PER_LIFE)));
const directory = await mkdtemp(join(values.directory, "s2kit-queue-"));
try {
  const result = await runQueueLoad({
    directory,
    seconds,
    lives,
    random: seededRandom(Number(values.seed)),
    shapes: QUEUE_SHAPES,
    bytesPerSecond: Number(values["mb-per-second"]) * 1e6,
  });
  const { problems } = await verifyDirectory({ directory });
  if (problems.length > 0) throw new Error(`verify is not content: ${JSON.stringify(problems[0])}`);
  const figures = {
    seconds,
    ...result,
    reads: result.unaryReads + result.streamedBatches,
    ...(await filesIn(directory)),
    holes: 0,
    repeats: 0,
  };
  if (values.json) console.log(JSON.stringify(figures));
  else for (const [name, value] of Object.entries(figures)) console.log(`${name} ${value}`);
  await rm(directory, { recursive: true, force: true });
} catch (error) {
  console.error(`${String(error)}\nleft for a look: ${directory}`);
  process.exitCode = 1;
}

/** Log segments are numbered through and recycled, data files numbered through and merged away. */
async function filesIn(path: string): Promise<Record<string, number>> {
  const count = async (room: string): Promise<[number, number]> => {
    const names = (await readdir(join(path, room))).filter((name) => name.endsWith(".seg"));
    return [names.length, Math.max(0, ...names.map((name) => Number.parseInt(name, 10)))];
  };
  const [logFiles, logGenerations] = await count("wal");
  const [dataFilesLeft, dataFilesMade] = await count("segments");
  return { logGenerations, logFiles, dataFilesMade, dataFilesLeft };
}
