// Installed into empty projects and used, as far as the gate has time: all packages by npm, the server alone by npm,
// the command alone by pnpm. matrix.test.ts has the rest.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "@s2kit/server-lite";
import { chromium } from "playwright-core";
import { build } from "vite";
import { beforeAll, describe, expect, it } from "vitest";
import { PUBLIC_NAMES } from "./harness/packed.js";
import { servePage } from "./harness/page.js";
import type { Project } from "./harness/project.js";
import { emptyProject, hasOthers, serveStrangers } from "./harness/strangers.js";
import { totalOf } from "./harness/weigh.js";

/** The projects that are compiled, each with a row of its own: compiler, module, resolution, for whom. */
const COMPILES = [
  ["typescript", "nodenext", "nodenext", "pages"],
  ["typescript-5.6", "commonjs", "node10", "pages"],
  ["typescript", "node16", "node16", "Node"],
] as const;

const CHROMIUM = [
  process.env["S2KIT_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));

serveStrangers();

describe.runIf(hasOthers)("a stranger (needs npm's registry)", () => {
  let project: Project;

  beforeAll(async () => {
    project = emptyProject();
    const others = ["@types/node@22", "fast-check@4"];
    await project.install("npm", [...PUBLIC_NAMES, ...others], "all packages");
  });

  it.each(["round-trip.mjs", "round-trip.cjs"])("runs a program by npm: %s", async (program) => {
    project.take(program);
    expect(await project.run("node", [program])).toEqual({
      code: 0,
      output: "read one,two,three\n",
    });
  });

  it("runs the commands", async () => {
    for (const command of ["s2kit", "s2-conformance"]) {
      const { code, output } = await project.run("npx", ["--no", command, "--version"]);
      expect(output).toMatch(/\d+\.\d+\.\d+/);
      expect(code).toBe(0);
    }
  });

  it.each(COMPILES)("compiles with libraries checked: %s, %s, %s, for %s", async (...row) => {
    expect(await compile(project, ...row)).toBe("");
  });

  it("gets a server alone, and the command by pnpm, with nothing to approve", async () => {
    const server = await emptyProject().install("npm", ["@s2kit/server-lite"]);
    expect(server.packages.length).toBeLessThanOrEqual(25);
    expect(totalOf(server.packages)).toBeLessThanOrEqual(25_000_000);
    const command = await emptyProject().install("pnpm", ["@s2kit/cli"]);
    expect(command.output).not.toMatch(/ignored build scripts/i);
  });

  it.runIf(CHROMIUM !== undefined)(
    "opens a page that Vite built (needs Chromium; S2KIT_CHROMIUM names it)",
    async () => {
      project.take("page.ts");
      project.write("index.html", '<script type="module" src="/page.ts"></script>');
      await build({ root: project.directory, logLevel: "error", configFile: false });
      await using site = await servePage(join(project.directory, "dist"));
      await using server = createServer({ port: 0 });
      const { url } = await server.listen();
      const browser = await chromium.launch({
        executablePath: CHROMIUM ?? "",
        args: ["--no-sandbox"],
      });
      try {
        const page = await browser.newPage();
        await page.goto(site.url);
        await page.waitForFunction("globalThis.roundTrip !== undefined");
        expect(await page.evaluate(`roundTrip(${JSON.stringify(url)})`)).toBe("from a page");
      } finally {
        await browser.close();
      }
    },
  );
});

/** What a compiler of this repository says of programs in a project: nothing, when all is well. */
async function compile(
  project: Project,
  compiler: string,
  module: string,
  moduleResolution: string,
  place: "Node" | "pages",
): Promise<string> {
  const tsc = fileURLToPath(new URL(`../node_modules/${compiler}/bin/tsc`, import.meta.url));
  project.takeTypes({ module, moduleResolution }, place);
  return (await project.run("node", [tsc, "-p", "."])).output;
}
