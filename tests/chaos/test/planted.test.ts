// Faults that chaos must find: one in the server, one in the client. A run that finds one says what was broken, how to do
// it again, and leaves its files.

import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { run, temporaryFolder } from "./command.ts";

const PLANTS = [
  {
    id: "M4-ack-before-durable",
    what: "an append that is acknowledged before it is durable",
    faults: "kill",
  },
  {
    id: "14.4-resume-behind",
    what: "a read session that leaves out a record when it reconnects",
    faults: "cut,end",
  },
] as const;

it.each(PLANTS)("$what is found", async ({ id, faults }) => {
  await using folder = await temporaryFolder();
  const args = ["--seed", "3", "--minutes", "1", "--only", faults, "--plant", id];
  const { code, stdout, stderr } = await run("command", [...args, "--directory", folder.path]);
  expect(code).toBe(1);
  expect(stdout).toContain("BROKEN");
  expect(stderr).toContain(`again: pnpm chaos --seed 3 --minutes 1 --only ${faults} --plant ${id}`);
  const [, place = ""] = /files {5}(\S+):/.exec(stderr) ?? [];
  expect(await readFile(join(place, "run.log"), "utf8")).toContain("BROKEN");
  await access(join(place, "data"));
});
