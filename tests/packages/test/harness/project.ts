// A project of a stranger: an empty folder where packages are installed and programs run. It knows this
// repository only through the registry.

import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Installed, weigh } from "./weigh.js";

export interface Ran {
  readonly code: number;
  /** Both streams, as they came. */
  readonly output: string;
}

/** Programs that the projects run, beside the suites. */
const PROGRAMS = fileURLToPath(new URL("../../programs/", import.meta.url));

/** What package managers and test runners above us tell their children; certificates and proxies stay. */
const OF_THE_GATE =
  /^(npm_(?!config_registry$)|pnpm_|VITEST|VITE_|FORCE_COLOR|NODE_(OPTIONS|ENV|PATH|COMPILE_CACHE)$)/i;

const INSTALLS = {
  npm: ["npm", "install", "--no-audit", "--no-fund"],
  pnpm: ["pnpm", "add"],
  yarn: ["npx", "--yes", "yarn@1", "add", "--no-progress"],
} as const;

/** A registry that stalls is asked again, as by default only after five minutes. */
const PATIENCE = {
  npm_config_fetch_timeout: "15000",
  npm_config_fetch_retries: "4",
  npm_config_fetch_retry_mintimeout: "500",
  npm_config_fetch_retry_maxtimeout: "2000",
} as const;

/** What every install of this run weighed; printed when all is done. */
export const installs: Installed[] = [];

export class Project {
  readonly directory: string;

  /** @param registry - where packages of our scope come from */
  constructor(registry: string, manifest: Readonly<Record<string, unknown>> = { type: "module" }) {
    this.directory = mkdtempSync(join(tmpdir(), "s2kit-stranger-"));
    this.write("package.json", JSON.stringify({ name: "stranger", version: "1.0.0", ...manifest }));
    this.write(".npmrc", `@s2kit:registry=${registry}\n`);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  /** Takes programs of the suite. */
  take(...names: readonly string[]): void {
    for (const name of names) cpSync(join(PROGRAMS, name), join(this.directory, name));
  }

  /** Takes the programs that only compile, and the settings to do so: strict, and libraries checked. */
  takeTypes(options: Readonly<Record<string, unknown>>, place: "Node" | "pages"): void {
    const inNode = { lib: ["es2022"], types: ["node"] };
    const inPages = { lib: ["es2022", "dom"], types: [] };
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
    // All declarations that were installed, but not those that come with the compiler: its own are
    // three quarters of the work, and the same in every row.
    const own = { skipDefaultLibCheck: true };
    const common = { noEmit: true, target: "es2022", ...strict, ...own, ...options };
    const files = place === "Node" ? ["anywhere.ts", "in-node.mts"] : ["anywhere.ts"];
    this.take(...files);
    const compilerOptions = { ...common, ...(place === "Node" ? inNode : inPages) };
    this.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
  }

  /** Installs as a person would; what it weighs is noted under `title`. @throws when it does not exit with 0 */
  async install(
    manager: keyof typeof INSTALLS,
    packages: readonly string[],
    title: string = packages.join(" "),
  ): Promise<Installed> {
    const began = performance.now();
    const [command, ...args] = INSTALLS[manager];
    const { code, output } = await this.run(command, [...args, ...packages]);
    if (code !== 0) throw new Error(`${manager} ended with ${code}:\n${output}`);
    const seconds = (performance.now() - began) / 1000;
    const installed = { title: `${manager}: ${title}`, seconds, ...weigh(this.directory), output };
    installs.push(installed);
    return installed;
  }

  /** Runs a program in the folder, at most two minutes, without what a package manager above us told its children. */
  async run(command: string, args: readonly string[]): Promise<Ran> {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !OF_THE_GATE.test(name)),
    );
    const child = spawn(command, args, {
      cwd: this.directory,
      env: { ...env, ...PATIENCE, CI: "1", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return new Promise((resolve) => {
      child.on("error", ({ message }) => resolve({ code: 127, output: message }));
      child.on("close", (code) => resolve({ code: code ?? 1, output }));
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
