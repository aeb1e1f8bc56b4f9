// Rows 13 and 14: tokens and where they come from, endpoints and what is wrong with them.

import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { Cell, type Shell } from "../harness/cell.js";
import { startLite } from "../harness/lite.js";
import { lines } from "../harness/output.js";
import type { Row } from "../harness/row.js";

const NO_TOKEN = { S2_ACCESS_TOKEN: undefined };
const STORE = ["auth", "access-token", "set", "--stdin", "--insecure-storage"];

function directoryOf(shell: Shell): string {
  return join(shell.home, ".config", "s2");
}

/** Every file of the configuration is for its owner alone; answers all of their text but the token's file. */
async function configText(shell: Shell): Promise<string> {
  const directory = directoryOf(shell);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  let text = "";
  for (const name of await readdir(directory)) {
    expect([name, (await stat(join(directory, name))).mode & 0o777]).toEqual([name, 0o600]);
    if (!name.startsWith("access-token-")) text += await readFile(join(directory, name), "utf8");
  }
  return text;
}

export const credentials: Row = {
  number: 13,
  title: "tokens: stored, overridden, never shown",
  cases: {
    "a token is stored for its owner alone, in no configuration and no output": async (shell) => {
      const env = NO_TOKEN;
      const saved = await shell.ok(STORE, { env, input: "sesame-1\n" });
      expect([saved.stdout, saved.stderr]).toEqual([
        "",
        expect.stringContaining("✓ Access token saved\n"),
      ]);
      const said = [saved];
      expect(await configText(shell)).not.toContain("sesame");
      said.push(await shell.ok(["config", "list"], { env }));
      said.push(await shell.ok(["auth", "status"], { env }));
      said.push(await shell.ok(["ls"], { env }));
      said.push(await shell.ok(["auth", "use", "access-token"], { env }));
      expect(said.at(-1)?.stderr).toContain("✓ Access token selected\n");
      said.push(await shell.run(["config", "get", "access_token"], { env }));
      expect(said.at(-1)?.code).not.toBe(0);
      const removed = await shell.ok(["auth", "access-token", "remove"], { env });
      expect(removed.stderr).toContain("✓ Access token removed\n");
      expect(JSON.stringify([...said, removed])).not.toContain("sesame");
      const left = await readdir(directoryOf(shell));
      expect(left.filter((name) => name.startsWith("access-token-"))).toEqual([]);
    },

    "--stdin takes one clean line; without it a terminal is needed": async (shell, cell) => {
      const code = cell.expected("exit code: wrong value");
      const env = NO_TOKEN;
      await shell.fails(STORE, code, /ASCII/, { env, input: "two words\n" });
      await shell.fails(STORE, code, /ASCII/, { env, input: "é\n" });
      await shell.fails(STORE, code, /no access token|empty/i, { env, input: "\n" });
      const bare = ["auth", "access-token", "set"];
      await shell.fails(bare, code, /--stdin/, { env, input: "token\n" });
    },

    "a token in the old place is moved out of it": async (shell) => {
      const env = NO_TOKEN;
      await mkdir(directoryOf(shell), { recursive: true, mode: 0o700 });
      const legacy = 'access_token = "sesame-2"\ncompression = "gzip"\n';
      const path = join(directoryOf(shell), "config.toml");
      await writeFile(path, legacy, { mode: 0o600 });
      const shown = await shell.ok(["config", "list"], { env });
      expect(lines(shown.stdout)).toEqual(["access_token = <redacted>", "compression = gzip"]);
      const moved = await shell.ok(["auth", "access-token", "migrate", "--insecure-storage"], {
        env,
      });
      expect(moved.stderr).toContain("✓ Legacy access token migrated\n");
      const text = await configText(shell);
      expect(text).not.toContain("sesame");
      expect(text).toContain('compression = "gzip"');
      await shell.ok(["ls"], { env });
    },

    "the environment overrides what is stored, and an error says which one was used": async (
      shell,
      cell,
    ) => {
      await shell.ok(STORE, { env: NO_TOKEN, input: "wrong-token\n" });
      if (cell.expected("authentication") === "none") {
        await shell.ok(["ls"], { env: NO_TOKEN });
        return;
      }
      const root = "root-token-of-row-13";
      await using lite = await startLite("ours", { args: ["--auth", "--root-token", root] });
      using other = new Cell(cell, lite.url).shell();
      const code = cell.expected("exit code: not authenticated");
      await other.ok(STORE, { env: NO_TOKEN, input: "wrong-token\n" });
      await other.fails(["ls"], code, /stored access token/i, { env: NO_TOKEN });
      const wrong = { env: { S2_ACCESS_TOKEN: "wrong-too" } };
      const told = await other.fails(["ls"], code, /S2_ACCESS_TOKEN/, wrong);
      expect(JSON.stringify(told)).not.toMatch(/wrong-(token|too)/);
      await other.ok(["ls"], { env: { S2_ACCESS_TOKEN: root } });
      await other.ok(STORE, { env: NO_TOKEN, input: root });
      await other.ok(["ls"], { env: NO_TOKEN });
      await other.ok(["ls"], { env: { S2_ACCESS_TOKEN: "" } });
    },

    "tokens are issued, listed and revoked; locations and metrics answer": async (shell, cell) => {
      const all = [
        ["list-access-tokens"],
        ["list-locations"],
        ["get-default-location"],
        [
          "get-account-metrics",
          "account-ops",
          "--start-ago",
          "1h",
          "--end-ago",
          "0s",
          "--interval",
          "hour",
        ],
      ];
      if (cell.expected("access tokens, locations and metrics") === "not implemented") {
        for (const args of all) await shell.fails(args, 1, /not_implemented/);
        return;
      }
      const issue = ["issue-access-token", "row13/a", "--expires-in", "1h", "--basins-prefix", "x"];
      const grants = ["--op-group-perms", "stream=rw", "--ops", "list_basins"];
      const issued = await shell.ok([...issue, ...grants]);
      expect(issued.stdout).toMatch(/^\S{20,}\n$/);
      const { stdout } = await shell.ok(["list-access-tokens", "--prefix", "row13/"]);
      expect(stdout).toMatch(
        /^row13\/a +expires .*\n {2}basins=x\* +streams=∅ +tokens=∅ +perms=s:rw +ops=1\n/,
      );
      await shell.ok(["revoke-access-token", "row13/a"]);
      expect((await shell.ok(["list-access-tokens", "--prefix", "row13/"])).stdout).toBe("");
      for (const args of all) await shell.ok(args);
    },

    "without any token": async (shell, cell) => {
      const end = await shell.run(["ls"], { env: NO_TOKEN });
      if (cell.expected("local endpoint without a token") === "works") expect(end.code).toBe(0);
      else
        expect([end.code, end.stderr]).toEqual([
          1,
          expect.stringContaining("Missing access token"),
        ]);
    },
  },
};

export const endpoints: Row = {
  number: 14,
  title: "endpoints and settings that are wrong",
  cases: {
    "malformed, and of two schemes": async (shell, cell) => {
      const code = cell.expected("exit code: wrong value");
      const endpoint = (account: string, basin = cell.url): { env: Record<string, string> } => ({
        env: { S2_ACCOUNT_ENDPOINT: account, S2_BASIN_ENDPOINT: basin },
      });
      await shell.fails(["ls"], code, /S2_ACCOUNT_ENDPOINT/, endpoint("::bad"));
      await shell.fails(["ls"], code, /S2_BASIN_ENDPOINT/, endpoint("https://127.0.0.1:1"));
      await shell.fails(["ls"], code, /scheme/, endpoint("https://127.0.0.1:1"));
    },

    "only one of the two": async (shell, cell) => {
      if (cell.expected("only one endpoint set") === "refused")
        await shell.fails(["ls"], 2, /S2_BASIN_ENDPOINT/, {
          env: { S2_BASIN_ENDPOINT: undefined },
        });
    },

    "from the file, with {basin} in the name": async (shell, cell) => {
      const env = { S2_ACCOUNT_ENDPOINT: undefined, S2_BASIN_ENDPOINT: undefined };
      await shell.ok(["config", "set", "account_endpoint", cell.url], { env });
      await shell.ok(["config", "set", "basin_endpoint", cell.url], { env });
      const listed = await shell.ok(["config", "list"], { env });
      expect(listed.stdout).toBe(`account_endpoint = ${cell.url}\nbasin_endpoint = ${cell.url}\n`);
      expect((await shell.ok(["config", "get", "account_endpoint"], { env })).stdout).toBe(
        `${cell.url}\n`,
      );
      await shell.ok(["create-basin", "row14-file"], { env });
      await shell.ok(["create-stream", "s2://row14-file/a"], { env });
      await shell.ok(["config", "unset", "basin_endpoint"], { env });
      expect((await shell.ok(["config", "get", "basin_endpoint"], { env })).stdout).toBe("");
      await shell.fails(["config", "set", "bogus", "x"], 2, /account_endpoint, basin_endpoint/);
    },

    "a broken file is an error and stays as it is": async (shell) => {
      const path = join(directoryOf(shell), "config.toml");
      await mkdir(directoryOf(shell), { recursive: true, mode: 0o700 });
      await writeFile(path, "not toml = = secret", { mode: 0o600 });
      const list = await shell.run(["config", "list"]);
      const set = await shell.run(["config", "set", "compression", "gzip"]);
      for (const { code, stderr } of [list, set]) {
        expect(code).not.toBe(0);
        expect(stderr).not.toContain("secret");
      }
      expect(await readFile(path, "utf8")).toBe("not toml = = secret");
    },

    "compression, and a token given to config set": async (shell, cell) => {
      const code = cell.expected("exit code: wrong value");
      const bogus = { env: { S2_COMPRESSION: "bogus" } };
      await shell.fails(["ls"], code, /compression/, bogus);
      await shell.ok(["create-basin", "row14-zip", "--create-stream-on-append"]);
      for (const S2_COMPRESSION of ["gzip", "zstd"]) {
        const input = `${"compress me ".repeat(1_000)}\n`;
        const uri = `s2://row14-zip/${S2_COMPRESSION}`;
        await shell.ok(["append", uri], { env: { S2_COMPRESSION }, input });
        const read = await shell.ok(["read", uri, "-s", "0", "-n", "1"], {
          env: { S2_COMPRESSION },
        });
        expect(read.stdout).toBe(input);
      }
      const set = await shell.run(["config", "set", "access_token", "sesame"]);
      expect(set.code).toBe(cell.expected("token in config set"));
      expect(set.stderr).toMatch(/deprecated/);
      expect(set.stderr).not.toContain("sesame");
    },
  },
};
