// `read --checkpoint`: nothing that was appended is skipped, whenever the reader was stopped, and with
// an output file nothing is in it twice or half.

import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli, linesOf } from "./harness/cli.js";

const FILE_STEPS = fileURLToPath(new URL("../bench/kills/file-steps.mjs", import.meta.url));

let cli: Cli;
let count = 0;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "check-basin", "--create-stream-on-append");
});

afterAll(async () => {
  await cli.close();
});

const next = (): string => `s2://check-basin/stream-${count++}`;
const file = (): string => cli.path(`file-${count++}`);

async function append(uri: string, ...lines: readonly string[]): Promise<void> {
  await cli.okRun(["append", uri], { input: lines.map((line) => `${line}\n`).join("") });
}

const saved = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;

/** Starts a reader, waits until its checkpoint is there, and kills it before anything came. */
async function killIdle(args: readonly string[], checkpoint: string): Promise<void> {
  const result = await cli.run(args, {
    onStart(child) {
      const timer = setInterval(() => {
        if (existsSync(checkpoint)) child.kill("SIGKILL");
      }, 20);
      child.once("close", () => clearInterval(timer));
    },
  });
  expect(result.code).toBe(null);
}

it.each([
  ["at the tail", []],
  ["some records before the tail", ["--tail-offset", "1"]],
  ["at a time to come", ["--timestamp", "1000"]],
  ["beyond the tail, clamped", ["-s", "99", "--clamp"]],
])("saves where an idle start is: %s", async (_, start) => {
  const uri = next();
  const checkpoint = file();
  await cli.okRun(["append", uri, "--format", "json"], {
    input: '{"timestamp":10,"body":"a"}\n{"timestamp":20,"body":"b"}\n',
  });
  const args = ["read", uri, "--checkpoint", checkpoint, ...start];
  await killIdle(args, checkpoint);
  const place = saved(checkpoint).next_seq_num;
  expect(place).toBe(start.includes("--tail-offset") && place === 1 ? 1 : 2);
  await append(uri, "while nobody read");
  expect(linesOf(await cli.ok(...args, "-n", "9")).at(-1)).toBe("while nobody read");
  expect(await cli.ok(...args, "-n", "9")).toBe("");
});

it.each([
  ["--timestamp", "20", "b\nc\n"],
  ["--tail-offset", "1", "c\n"],
  ["-s", "1", "b\nc\n"],
])("starts where it says with a checkpoint too: %s %s", async (option, value, expected) => {
  const uri = next();
  await cli.okRun(["append", uri, "--format", "json"], {
    input: [10, 20, 30].map((ms, i) => `{"timestamp":${ms},"body":"${"abc"[i]}"}\n`).join(""),
  });
  const args = ["read", uri, option, value, "-n", "9", "--checkpoint", file()];
  expect(await cli.ok(...args)).toBe(expected);
});

it("completes a last line that a crash tore off, instead of writing behind it", async () => {
  const uri = next();
  const [checkpoint, output] = [file(), file()];
  const args = ["read", uri, "-s", "0", "-n", "99", "--checkpoint", checkpoint, "-o", output];
  await append(uri, "one", "two");
  await cli.ok(...args);
  await append(uri, "three", "four");
  // Half of what follows, as a crash between the write and the checkpoint leaves it.
  appendFileSync(output, "three\nfo");
  await cli.ok(...args);
  expect(readFileSync(output, "utf8")).toBe("one\ntwo\nthree\nfour\n");
  expect(saved(checkpoint)).toMatchObject({ next_seq_num: 4, output_bytes: 19 });
});

it("refuses an output that somebody else changed, and leaves it as it is", async () => {
  const uri = next();
  const [checkpoint, output] = [file(), file()];
  const args = ["read", uri, "-s", "0", "-n", "99", "--checkpoint", checkpoint, "-o", output];
  await append(uri, "one");
  await cli.ok(...args);
  await append(uri, "two");
  const before = saved(checkpoint);
  for (const text of ["one\nmine\n", "on"]) {
    writeFileSync(output, text);
    const refused = await cli.run(args);
    expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining(`path=${output}`)]);
    expect([readFileSync(output, "utf8"), saved(checkpoint)]).toEqual([text, before]);
  }
  // Moved away: the next part begins.
  rmSync(output);
  await cli.ok(...args);
  expect(readFileSync(output, "utf8")).toBe("two\n");
});

it("goes on from a checkpoint of an older version, and refuses a torn line behind it", async () => {
  const uri = next();
  const [checkpoint, output] = [file(), file()];
  const args = ["read", uri, "-n", "99", "--checkpoint", checkpoint, "-o", output];
  await append(uri, "one", "two");
  writeFileSync(checkpoint, `{"version":1,"uri":"${uri}","next_seq_num":1}\n`);
  writeFileSync(output, "one\ntw");
  const torn = await cli.run(args);
  expect([torn.code, torn.stderr]).toEqual([9, expect.stringContaining("is torn")]);
  writeFileSync(output, "one\n");
  await cli.ok(...args);
  expect(readFileSync(output, "utf8")).toBe("one\ntwo\n");
});

it("tells of a stream that was made anew, and of records trimmed before they were read", async () => {
  const uri = next();
  const checkpoint = file();
  const args = ["read", uri, "-s", "0", "-n", "99", "--clamp", "--checkpoint", checkpoint];
  await append(uri, "one", "two", "three");
  await cli.ok(...args, "-n", "1");
  await cli.ok("trim", uri, "2");
  await expect
    .poll(async () => linesOf(await cli.ok("read", uri, "-s", "0", "-n", "9")))
    .toEqual(["three"]);
  const gap = await cli.okRun(args);
  expect([gap.stdout, gap.stderr]).toEqual([
    "three\n",
    expect.stringContaining("records 1..2 were trimmed before they were read"),
  ]);
  await cli.ok("delete-stream", uri, "-y", "--wait");
  await append(uri, "new");
  const anew = await cli.run(args);
  expect([anew.code, anew.stderr]).toEqual([6, expect.stringContaining("it was made anew")]);
});

it("saves a place only after the records before it are on their disk", async () => {
  const uri = next();
  const [checkpoint, output, log] = [file(), file(), file()];
  await append(uri, "one", "two");
  await cli.okRun(["read", uri, "-s", "0", "-n", "2", "--checkpoint", checkpoint, "-o", output], {
    env: { NODE_OPTIONS: `--import=${FILE_STEPS}`, S2KIT_STEP_LOG: log },
  });
  const names = new Map([
    [checkpoint, "checkpoint"],
    [`${checkpoint}.tmp`, "draft"],
    [output, "output"],
  ]);
  const steps = linesOf(readFileSync(log, "utf8")).map((line) => {
    const [name, path] = line.split(" ");
    return `${name} ${names.get(cli.path(path ?? "")) ?? "directory"}`;
  });
  const place = ["open draft", "write draft", "sync draft", "rename checkpoint", "sync directory"];
  expect(steps.slice(0, 13)).toEqual([
    "open output",
    ...place,
    "write output",
    "sync output",
    ...place,
  ]);
});
