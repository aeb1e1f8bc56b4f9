// Row 16: the server program itself: its flags, health, metrics, drain, init file, TLS and hints.
// The server of the cell is started anew for each case; the command of the cell talks to it.

import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { expect } from "vitest";
import { Cell, type Shell } from "../harness/cell.js";
import { type Lite, type LiteOptions, request, startLite } from "../harness/lite.js";
import { start } from "../harness/process.js";
import { programOf } from "../harness/programs.js";
import type { Row } from "../harness/row.js";

/** A server with these flags, and a shell pointed at it. */
async function serving(
  cell: Cell,
  options: LiteOptions,
  run: (shell: Shell, lite: Lite) => Promise<void>,
): Promise<void> {
  await using server = await startLite(cell.server, options);
  using shell = new Cell(cell, server.url).shell();
  await run(shell, server);
}

const HISTOGRAMS = [
  "s2_append_permit_latency_seconds",
  "s2_append_ack_latency_seconds",
  "s2_append_batch_records",
  "s2_append_batch_bytes",
];

export const lite: Row = {
  number: 16,
  title: "lite: flags, health, metrics, drain, init file, TLS, hints",
  cases: {
    "health, ping, metrics and CORS": async (_shell, cell) => {
      await serving(
        cell,
        { args: ["--append-inflight-bytes", "64MiB"] },
        async (shell, { url }) => {
          for (const path of ["/health", "/ping"]) {
            const { status, text } = await request(`${url}${path}`);
            expect([status, text]).toEqual([200, "OK"]);
          }
          const page = async (): Promise<string> => (await request(`${url}/metrics`)).text;
          const first = await page();
          await shell.ok(["create-basin", "row16-metrics", "--create-stream-on-append"]);
          await shell.ok(["append", "s2://row16-metrics/a"], { input: "a\n" });
          const then = await page();
          const early = cell.expected("metrics page") === "at once";
          for (const name of HISTOGRAMS) {
            expect([name, first.includes(`# TYPE ${name} histogram`)]).toEqual([name, early]);
            expect(then).toContain(`# TYPE ${name} histogram`);
            expect(then).toMatch(new RegExp(`^${name}_count(\\{.*\\})? 1$`, "m"));
          }
          const originFor = async (origin: string): Promise<unknown> =>
            (await request(`${url}/v1/basins`, { origin })).headers["access-control-allow-origin"];
          expect(await originFor("http://localhost:3000")).toMatch(
            /^(\*|http:\/\/localhost:3000)$/,
          );
          const isAnyone = cell.expected("browser origins of lite") === "all";
          expect((await originFor("https://studio.example")) !== undefined).toBe(isAnyone);
        },
      );
    },

    "--no-cors says nothing to browsers": async (_shell, cell) => {
      await serving(cell, { args: ["--no-cors"] }, async (_other, { url }) => {
        const { headers } = await request(`${url}/v1/basins`, { origin: "https://studio.example" });
        expect(headers["access-control-allow-origin"]).toBeUndefined();
      });
    },

    "--local-root keeps what was acknowledged, SIGTERM and SIGINT drain": async (shell, cell) => {
      const options: LiteOptions = { args: ["--local-root", shell.path("root")] };
      await serving(cell, options, async (other, server) => {
        await other.ok(["create-basin", "row16-disk", "--create-stream-on-append"]);
        const follower = other.start(["append", "s2://row16-disk/a"], {
          input: "a\nb\n",
          keepsInputOpen: true,
        });
        await follower.until(/\[APPENDED\] 0\.\.2/);
        const stopped = server.stop("SIGTERM");
        follower.child.stdin?.end();
        expect((await stopped).code).toBe(0);
        await follower.ended;
      });
      await serving(cell, options, async (other, server) => {
        const read = await other.ok(["read", "s2://row16-disk/a", "-s", "0", "-n", "9"]);
        expect(read.stdout).toBe("a\nb\n");
        expect((await server.stop("SIGINT")).code).toBe(0);
      });
    },

    "an init file, by flag or by environment, before the first request": async (shell, cell) => {
      const path = shell.path("init.json");
      const spec = (retention: string): string =>
        JSON.stringify({
          basins: [
            {
              name: "row16-init",
              config: { create_stream_on_append: true },
              streams: [{ name: "a", config: { retention_policy: retention } }],
            },
          ],
        });
      await writeFile(path, spec("1day"));
      const root = ["--local-root", shell.path("root")];
      await serving(cell, { args: [...root, "--init-file", path] }, async (other) => {
        const { stdout } = await other.ok(["list-streams", "row16-init"]);
        expect(stdout).toBe("s2://row16-init/a\n");
        await other.ok(["append", "s2://row16-init/a"], { input: "kept\n" });
      });
      await writeFile(path, spec("9days"));
      await serving(cell, { args: root, env: { S2LITE_INIT_FILE: path } }, async (other) => {
        expect((await other.ok(["get-stream-config", "s2://row16-init/a"])).stdout).toContain(
          "9days",
        );
        expect((await other.ok(["tail", "s2://row16-init/a"])).stdout).toBe("kept\n");
      });
    },

    "--tls-self serves https; the hint lines are right, and understood": async (_shell, cell) => {
      await serving(
        cell,
        { args: ["--tls-self"], scheme: "https" },
        async (shell, { url, running }) => {
          const strict = await shell.run(["ls"]);
          expect([strict.code === 0, strict.stdout]).toEqual([false, ""]);
          const trusting = { env: { S2_SSL_NO_VERIFY: "true" } };
          await shell.ok(["create-basin", "row16-tls", "--create-stream-on-append"], trusting);
          await shell.ok(["append", "s2://row16-tls/a"], { ...trusting, input: "over tls\n" });
          const read = await shell.ok(["tail", "s2://row16-tls/a"], trusting);
          expect(read.stdout).toBe("over tls\n");
          const hinted = await shell.run(["ls"], { env: { S2_SSL_NO_VERIFY: "1" } });
          const isAccepted = cell.expected("S2_SSL_NO_VERIFY=1") === "accepted";
          expect(hinted.code === 0, hinted.stderr).toBe(isAccepted);
          await running.until(/export S2_SSL_NO_VERIFY=1/);
          await running.until(
            new RegExp(
              `export S2_ACCOUNT_ENDPOINT=${url.replace("localhost", "(localhost|127\\.0\\.0\\.1)")}`,
            ),
          );
        },
      );
    },

    "the hint lines of plain http; the address": async (_shell, cell) => {
      await serving(cell, {}, async (shell, { url, running }) => {
        const { port } = new URL(url);
        const at = `http://(localhost|127\\.0\\.0\\.1):${port}`;
        await running.until(new RegExp(`export S2_ACCOUNT_ENDPOINT=${at}`));
        await running.until(new RegExp(`export S2_BASIN_ENDPOINT=${at}`));
        await running.until(/export S2_ACCESS_TOKEN=ignored/);
        await shell.ok(["ls"]);
        const outside = Object.values(networkInterfaces())
          .flatMap((list) => list ?? [])
          .find(({ internal, family }) => !internal && family === "IPv4");
        if (outside === undefined) return;
        const isOpen = await new Promise<boolean>((resolve) => {
          const socket = connect(Number(port), outside.address, () => resolve(true));
          socket.on("error", () => resolve(false));
          socket.on("close", () => resolve(false));
          socket.once("connect", () => socket.destroy());
        });
        expect(isOpen).toBe(cell.expected("address of lite without a flag") === "0.0.0.0");
      });
    },

    "flags that exclude each other": async (shell, cell) => {
      const env = { PATH: process.env.PATH ?? "", HOME: shell.home };
      for (const args of [
        ["--tls-self", "--tls-cert", "x", "--tls-key", "y"],
        ["--tls-cert", "x"],
        ["--bucket", "b", "--local-root", shell.path("root")],
        ["--port", "70000"],
        ["--bogus"],
      ]) {
        const command = [...programOf(cell.server), "lite", "--port", "0", ...args];
        const { code } = await start(command, { env }).ended;
        expect([args, code]).toEqual([args, 2]);
      }
      const path = shell.path("none.json");
      const command = [...programOf(cell.server), "lite", "--port", "0", "--init-file", path];
      const memory =
        cell.expected("storage of lite without a flag") === "disk" ? ["--in-memory"] : [];
      const { code } = await start([...command, ...memory], { env }).ended;
      expect(code).toBe(cell.expected("exit code: init file that is not there"));
    },
  },
};
