// What the command line is told, and that a wrong word is refused before anything starts.

import { expect, it } from "vitest";
import { parseOptions } from "../src/command/options.ts";
import { run } from "./command.ts";

it("takes what it is told, and a seed of the moment otherwise", () => {
  expect(parseOptions(["--minutes", "0.5", "--only", "kill,cut"], 77)).toMatchObject({
    minutes: 0.5,
    seed: 77,
    only: ["kill", "cut"],
  });
  expect(parseOptions(["--seed", "4"], 77)).toMatchObject({ seed: 4, storage: "disk" });
  expect(parseOptions(["--storage", "bucket"], 77).storage).toBe("bucket");
});

it.each([
  [["--minutes", "0"], "--minutes takes"],
  [["--minutes", "x"], "--minutes takes"],
  [["--seed", "-1"], "--seed"],
  [["--only", "kill,flood"], "no flood"],
  [["--storage", "tape"], "disk or bucket, not tape"],
  [["--fault"], "--fault"],
])("refuses %s", (args, what) => {
  expect(() => parseOptions(args, 1)).toThrow(what);
});

it("says in a line what is wrong", async () => {
  const { code, stderr } = await run("command", ["--only", "flood"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^chaos: --only knows no flood; there are kill, .*--help says more\n$/);
});
