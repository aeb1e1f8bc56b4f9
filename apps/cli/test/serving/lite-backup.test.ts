// A server in a process of its own, backed up while it serves, and started again on what was
// restored.

import { afterEach, beforeEach, expect, it } from "vitest";
import { Cli, jsonLinesOf } from "../harness/cli.js";

let cli: Cli;
beforeEach(() => {
  cli = Cli.withoutServer();
});
afterEach(() => cli.close());

const TOKEN = "root-token-of-the-backup";

/** Serves a directory with tokens, does something, and ends the server. */
async function whileServing(
  directory: string,
  action: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const args = ["lite", "--port", "0", "--local-root", directory, "--json"];
  const env = { S2KIT_ROOT_TOKEN: TOKEN };
  let hasStarted = false;
  const { code } = await cli.run(args, {
    env,
    onOutput({ stdout }, child) {
      if (hasStarted || !stdout.includes("\n")) return;
      hasStarted = true;
      const url = String(jsonLinesOf(stdout)[0]?.["url"]);
      action({ S2_ENDPOINT: url, S2_ACCESS_TOKEN: TOKEN })
        .catch((error: unknown) => failures.push(error))
        .finally(() => child.kill("SIGTERM"));
    },
  });
  expect(failures).toEqual([]);
  expect([hasStarted, code]).toEqual([true, 0]);
}

it("lite backup and lite restore bring a server back with its streams and its tokens", async () => {
  const [data, backup, next, restored] = ["data", "monday", "tuesday", "restored"].map((name) =>
    cli.path(name),
  ) as [string, string, string, string];
  await whileServing(data, async (env) => {
    await cli.okRun(["create-basin", "night-basin"], { env });
    await cli.okRun(["create-stream", "s2://night-basin/s"], { env });
    await cli.okRun(["append", "s2://night-basin/s"], { env, input: "one\ntwo\n" });
    const taken = await cli.okRun(["lite", "backup", data, backup, "--json"]);
    expect(jsonLinesOf(taken.stdout)[0]).toMatchObject({ isOnline: true, target: backup });
    await cli.okRun(["append", "s2://night-basin/s"], { env, input: "three\n" });
    const again = await cli.okRun(["lite", "backup", data, next, "--since", backup]);
    expect(again.stderr).toMatch(/has \d+ files.*\n.*while a server runs/);
    // Once there is one, nothing is written over it.
    const refused = await cli.run(["lite", "backup", data, backup]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/has a backup/)]);
  });
  const sound = await cli.okRun(["lite", "verify", backup]);
  expect(sound.stderr).toMatch(/is sound: \d+ files of a backup/);
  const brought = await cli.okRun(["lite", "restore", backup, restored]);
  expect(brought.stderr).toMatch(/restored and sound: 1 stream, 2 records/);
  await whileServing(restored, async (env) => {
    expect(
      await cli.okRun(["read", "s2://night-basin/s", "-s", "0", "-n", "2"], { env }),
    ).toMatchObject({ stdout: "one\ntwo\n" });
  });
  const occupied = await cli.run(["lite", "restore", next, restored]);
  expect([occupied.code, occupied.stderr]).toEqual([1, expect.stringMatching(/not empty/)]);
}, 180_000);
