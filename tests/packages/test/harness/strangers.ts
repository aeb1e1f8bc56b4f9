// What the suites of this folder share: the packages, the registry that serves them, projects that are removed
// at the end, and the table of what was installed.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { packAll } from "./packed.js";
import { installs, Project } from "./project.js";
import { type Registry, startRegistry } from "./registry.js";
import { tableOf } from "./weigh.js";

/** All combinations, which take minutes: `pnpm packages --all`. */
export const isWhole: boolean = process.env["S2KIT_PACKAGES"] === "all";

/** Whether packages of others can be had. Asked once, with the settings of the machine. */
export const hasOthers: boolean = canReachRegistry();

let registry: Registry | undefined;
const projects: Project[] = [];

/** Serves the packages while the suites of a file run. */
export function serveStrangers(): void {
  beforeAll(async () => {
    registry = await startRegistry(packAll());
  });
  afterAll(() => {
    registry?.close();
    for (const project of projects.splice(0)) project.remove();
    if (installs.length > 0) console.log(tableOf(installs.splice(0)));
  });
}

/** An empty project, removed after the suites of the file. */
export function emptyProject(manifest?: Readonly<Record<string, unknown>>): Project {
  if (registry === undefined) throw new Error("no registry: call serveStrangers first");
  const project = new Project(registry.url, manifest);
  projects.push(project);
  return project;
}

/** With a cache of its own: what is kept on this machine tells nothing. */
function canReachRegistry(): boolean {
  const cache = mkdtempSync(join(tmpdir(), "s2kit-cache-"));
  try {
    const options = { stdio: "ignore", timeout: 10_000 } as const;
    const args = ["view", "ws", "version", "--fetch-retries=0", `--cache=${cache}`];
    execFileSync("npm", args, options);
    return true;
  } catch {
    console.log("installs are left out: npm's registry does not answer");
    return false;
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
