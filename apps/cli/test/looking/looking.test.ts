// Looking at streams: the first records, the last of several streams, what matches, and a stream at a
// glance.

import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli, jsonLinesOf, linesOf } from "../harness/cli.js";

const WEB = "s2://look-basin/web";
const API = "s2://look-basin/api";
const NONE = "s2://look-basin/none";

let cli: Cli;

beforeAll(async () => {
  cli = await Cli.withServer();
  await cli.ok("create-basin", "look-basin");
  for (const uri of [WEB, API, NONE]) await cli.ok("create-stream", uri);
  const records = ["one", "an error", '{"level":"error","n":[1]}', "two"];
  const input = records
    .map((body, i) => `${JSON.stringify({ timestamp: 1_700_000_000_000 + i, body })}\n`)
    .join("");
  await cli.okRun(["append", WEB, "--format", "json"], { input });
  await cli.okRun(["append", API], { input: "api error\nfine\n" });
});

afterAll(async () => {
  await cli.close();
});

it("head shows the first records that are there, also after a trim, and nothing of an empty stream", async () => {
  expect(await cli.ok("head", WEB, "-n", "2")).toBe("one\nan error\n");
  expect(await cli.ok("head", NONE)).toBe("");
  const uri = "s2://look-basin/trimmed";
  await cli.ok("create-stream", uri);
  await cli.okRun(["append", uri], { input: "a\nb\nc\nd\n" });
  await cli.ok("trim", uri, "2");
  await expect.poll(() => cli.ok("head", uri, "-n", "1")).toBe("c\n");
  expect(jsonLinesOf(await cli.ok("head", uri, "-n", "1", "--json"))).toMatchObject([
    { seq_num: 2, body: "c" },
  ]);
  const stat = JSON.parse(await cli.ok("stat", uri, "--json")) as unknown;
  expect(stat).toMatchObject({ uri, first: { seq_num: 2 }, tail: { seq_num: 5 }, records: 3 });
  expect((await cli.run(["head", "s2://look-basin/missing"])).code).toBe(4);
});

it("tail --grep shows what matches of the last records, in text and in JSON", async () => {
  expect(await cli.ok("tail", WEB, "--grep", "err|two")).toBe(
    'an error\n{"level":"error","n":[1]}\ntwo\n',
  );
  expect(await cli.ok("tail", WEB, "-n", "1", "--grep", "error")).toBe("");
  const json = jsonLinesOf(await cli.ok("tail", WEB, "--grep", "^an", "--json"));
  expect(json.map(({ seq_num: seqNum, stream }) => [seqNum, stream])).toEqual([[1, undefined]]);
  const wrong = await cli.run(["tail", WEB, "--grep", "("]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("--grep: not a regular")]);
});

it("tail --time and --pretty show times and lay JSON out, each line on its own", async () => {
  expect(await cli.ok("tail", WEB, "-n", "2", "--time", "--pretty")).toBe(
    [
      "2023-11-14T22:13:20.002Z {",
      '2023-11-14T22:13:20.002Z   "level": "error",',
      '2023-11-14T22:13:20.002Z   "n": [',
      "2023-11-14T22:13:20.002Z     1",
      "2023-11-14T22:13:20.002Z   ]",
      "2023-11-14T22:13:20.002Z }",
      "2023-11-14T22:13:20.003Z two",
      "",
    ].join("\n"),
  );
  for (const args of [
    ["--time", "--json"],
    ["--pretty", "--format", "binary"],
  ])
    expect((await cli.run(["tail", WEB, ...args])).code).toBe(2);
});

it("tail shows several streams at once, each line with its stream, and follows all of them", async () => {
  const both = linesOf(await cli.ok("tail", WEB, API, NONE, "-n", "1"));
  expect(both.sort()).toEqual([`${API}: fine`, `${WEB}: two`]);
  const json = jsonLinesOf(await cli.ok("tail", WEB, API, "-n", "1", "--json"));
  expect(json.map(({ stream, body }) => `${String(stream)} ${String(body)}`).sort()).toEqual([
    `${API} fine`,
    `${WEB} two`,
  ]);
  let isAppended = false;
  const followed = await cli.run(["tail", "-f", "-n", "1", API, NONE], {
    onOutput({ stdout }, child) {
      if (stdout.includes(`${NONE}: late`)) child.kill("SIGINT");
      if (isAppended || !stdout.includes("fine")) return;
      isAppended = true;
      void cli.okRun(["append", NONE], { input: "late\n" });
    },
  });
  expect([followed.code, followed.stderr.match(/ABORTED/g)]).toEqual([130, ["ABORTED"]]);
  const missing = await cli.run(["tail", WEB, "s2://look-basin/missing"]);
  expect(missing.code).toBe(4);
});

it("stat shows a stream at a glance", async () => {
  const text = await cli.ok("stat", WEB);
  expect(text).toMatch(/first +\| 0 @ 2023-11-14T22:13:20\.000Z/);
  expect(text).toMatch(/tail +\| 4 @ 2023-11-14T22:13:20\.003Z/);
  expect(text).toMatch(/records +\| +4 /);
  await cli.ok("create-stream", "s2://look-basin/empty");
  const empty = JSON.parse(await cli.ok("stat", "s2://look-basin/empty", "--json")) as unknown;
  expect(empty).toMatchObject({ first: null, records: 0 });
});
