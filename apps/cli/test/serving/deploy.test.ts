// What is in `deploy/` for operators, held to the command: every flag and key in it is one of
// `s2kit lite`, and the script of the backup does what it says.

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { LITE_COMMAND } from "../../src/catalogue/lite-command.js";
import { Cli } from "../harness/cli.js";
import { MAIN } from "../harness/runs.js";

const DEPLOY = fileURLToPath(new URL("../../../../deploy/", import.meta.url));
const read = (path: string): string => readFileSync(join(DEPLOY, path), "utf8");
const FLAGS = new Set(LITE_COMMAND.options?.map(({ name }) => name));

it.each(["docker/Dockerfile", "docker/compose.yaml", "kubernetes/s2kit.yaml"])(
  "%s gives lite flags that it has",
  (path) => {
    const command = read(path)
      .split("\n")
      .filter(
        (line) => !/^\s*#|npm|NODE_OPTIONS|HEALTHCHECK|--interval|--mount|FROM|COPY/.test(line),
      )
      .join("\n");
    const given = [...command.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, name]) => name);
    expect(given).toContain("local-root");
    expect(given.filter((name) => !FLAGS.has(name ?? ""))).toEqual([]);
  },
);

it("the configuration of the unit has keys that lite has", () => {
  const keys = Object.keys(JSON.parse(read("systemd/lite.json")) as object);
  expect(keys).toContain("tls-cert");
  expect(keys.filter((key) => !FLAGS.has(key))).toEqual([]);
});

it.skipIf(process.platform === "win32")(
  "the script of the nightly backup links to the newest one and keeps as many as it should (needs a shell)",
  async () => {
    const cli = Cli.withoutServer();
    const [data, backups, bin] = ["data", "backups", "bin"].map((name) => cli.path(name)) as [
      string,
      string,
      string,
    ];
    for (const directory of [backups, bin]) mkdirSync(directory);
    await cli.ok("demo", "--once", "--port", "0", "--local-root", data);
    const command = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`;
    writeFileSync(join(bin, "s2kit"), command, { mode: 0o755 });
    // Older ones, as earlier nights left them; one of them was cut short.
    const run = async (): Promise<string> => {
      const { stderr } = await promisify(execFile)(
        join(DEPLOY, "systemd/backup.sh"),
        [data, backups],
        {
          env: {
            PATH: `${bin}${delimiter}${process.env["PATH"]}`,
            HOME: cli.path("home"),
            KEEP: "2",
          },
        },
      );
      return stderr;
    };
    mkdirSync(join(backups, "2020-01-01T000000Z"));
    await run();
    // The unfinished one went on; it is the oldest by its name.
    expect(readdirSync(backups)).toEqual(["2020-01-01T000000Z"]);
    await run();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await run();
    const kept = readdirSync(backups);
    expect(kept).toHaveLength(2);
    expect(kept).not.toContain("2020-01-01T000000Z");
    for (const name of kept) expect(readdirSync(join(backups, name))).toContain("BACKUP.json");
    await cli.close();
  },
  180_000,
);
