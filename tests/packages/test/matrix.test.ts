// All that strangers combine: package managers, compilers, test runners, runtimes. It takes minutes, and so is run
// by `pnpm packages --all` alone.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "@s2kit/server-lite";
import { build } from "vite";
import { describe, expect, it } from "vitest";
import { PUBLIC_NAMES } from "./harness/packed.js";
import { emptyProject, hasOthers, isWhole, serveStrangers } from "./harness/strangers.js";
import { startWorkerd } from "./harness/workerd.js";

const READ = { code: 0, output: "read one,two,three\n" };

/** Packages that are one binary, without a script to run at installation: there are some for this platform. */
const isLinux = process.platform === "linux" && process.arch === "x64";

serveStrangers();

describe.runIf(isWhole && hasOthers)(
  "all combinations (needs `pnpm packages --all` and npm's registry)",
  () => {
    it.each(["npm", "pnpm", "yarn"] as const)(
      "install by %s, with nothing to approve",
      async (manager) => {
        const project = emptyProject();
        const { output } = await project.install(
          manager,
          [...PUBLIC_NAMES, "fast-check@4"],
          "all packages",
        );
        expect(output).not.toMatch(/ignored build scripts|ERESOLVE|unmet peer/i);
        project.take("round-trip.mjs", "round-trip.cjs");
        expect(await project.run("node", ["round-trip.mjs"])).toEqual(READ);
        expect(await project.run("node", ["round-trip.cjs"])).toEqual(READ);
      },
    );

    it.each(["5.2", "5.5", "5.9", "6", "7"])("compile by TypeScript %s", async (version) => {
      const project = emptyProject();
      const others = ["@types/node@22", "fast-check@4", "vitest@5", `typescript@${version}`];
      await project.install(
        "npm",
        [...PUBLIC_NAMES, ...others],
        `all packages, TypeScript ${version}`,
      );
      const modes = { node16: "node16", nodenext: "nodenext", esnext: "bundler" };
      for (const [module, moduleResolution] of Object.entries(modes))
        for (const place of ["pages", "Node"] as const) {
          project.takeTypes({ module, moduleResolution }, place);
          const { output } = await project.run(join("node_modules", ".bin", "tsc"), ["-p", "."]);
          expect(output, `${moduleResolution}, ${place}`).toBe("");
        }
    });

    it.each(["3", "4", "5"])("test with an embedded server by vitest %s", async (version) => {
      const project = emptyProject();
      const names = [`vitest@${version}`, "@s2kit/server-lite", "@s2kit/client"];
      await project.install("npm", names);
      project.take("embedded.test.mjs");
      const { code, output } = await project.run(join("node_modules", ".bin", "vitest"), ["run"]);
      expect(output).toMatch(/Tests +2 passed/);
      expect(code).toBe(0);
    });
  },
);

describe.runIf(isWhole && hasOthers && isLinux)(
  "other runtimes (needs `pnpm packages --all`, npm's registry, Linux on x64)",
  () => {
    it.each([
      ["Bun", "@oven/bun-linux-x64", "bin/bun", ["run"]],
      ["Deno", "@deno/linux-x64-glibc", "deno", ["run", "--allow-all"]],
    ])("follow by %s", async (_, name, binary, args) => {
      const project = emptyProject();
      await project.install("npm", ["@s2kit/client", name]);
      project.take("follow.mjs");
      await using server = createServer({ port: 0 });
      const { url } = await server.listen();
      const program = join(project.directory, "node_modules", name, binary);
      expect(existsSync(program)).toBe(true);
      expect(await project.run(program, [...args, "follow.mjs", url])).toEqual({
        code: 0,
        output: "read followed\n",
      });
    });

    it("follow by workerd", async () => {
      const project = emptyProject();
      await project.install("npm", ["@s2kit/client", "@cloudflare/workerd-linux-64"]);
      project.take("worker.mjs", "workerd.capnp");
      await build({
        root: project.directory,
        logLevel: "error",
        configFile: false,
        ssr: { noExternal: true, target: "webworker" },
        build: {
          ssr: "worker.mjs",
          rollupOptions: { output: { entryFileNames: "worker.js", codeSplitting: false } },
        },
      });
      await using server = createServer({ port: 0 });
      const { url } = await server.listen();
      await using workerd = await startWorkerd(project.directory);
      const response = await fetch(`${workerd.url}?server=${encodeURIComponent(url)}`);
      expect(await response.text()).toBe("from the edge");
    });
  },
);
