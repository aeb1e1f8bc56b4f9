// The small variant of `pnpm bench:vanishing`: the tool works, and nothing stays open in a server of its
// own, clients that die with their process included. Memory is weighed by the large one.

import { execFile } from "node:child_process";
import { expect, test } from "vitest";

const FOLDER = `${import.meta.dirname}/../..`;

test("a crowd over all carriers and ways leaves nothing open", async () => {
  const args = [
    "--import",
    `${FOLDER}/test/storage/programs/source-loader.mjs`,
    `${FOLDER}/bench/vanishing-clients.ts`,
    "--clients=150",
    "--warm-up=50",
    "--json",
  ];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, (_, stdout, stderr) => resolve(stdout + stderr));
  });
  expect(JSON.parse(output)).toMatchObject({ clients: 150, open: [] });
  // Idle connections have 75 s; where the news of a reset is lost, they take them.
}, 200_000);
