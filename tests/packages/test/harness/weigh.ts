// What an install put on the disk: packages and bytes.

import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One install, as the table has it. */
export interface Installed {
  readonly title: string;
  readonly seconds: number;
  /** Different packages, by name and version. */
  readonly packages: readonly Package[];
  readonly output: string;
}

export interface Package {
  readonly id: string;
  readonly bytes: number;
}

/** Every package below a folder, each once, the heaviest first. Links are not followed. */
export function weigh(directory: string): { readonly packages: readonly Package[] } {
  const found = new Map<string, number>();
  visit(join(directory, "node_modules"), found);
  const packages = [...found].map(([id, bytes]) => ({ id, bytes }));
  return { packages: packages.toSorted((a, b) => b.bytes - a.bytes) };
}

function visit(folder: string, found: Map<string, number>): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!lstatSync(path).isDirectory()) continue;
    // pnpm keeps each package in a folder of its own, beside links to what it needs.
    if (name === ".pnpm")
      for (const each of readdirSync(path)) visitIfThere(join(path, each), found);
    else if (name.startsWith("@")) visit(path, found);
    else if (!name.startsWith(".")) {
      const { name: id, version } = JSON.parse(
        readFileSync(join(path, "package.json"), "utf8"),
      ) as Record<string, string>;
      found.set(`${id}@${version}`, bytesOf(path));
      visitIfThere(path, found);
    }
  }
}

function visitIfThere(owner: string, found: Map<string, number>): void {
  const folder = join(owner, "node_modules");
  if (existsSync(folder)) visit(folder, found);
}

/** Of the package itself, without those inside it. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return sum + lstatSync(path).size;
    return entry.isDirectory() && entry.name !== "node_modules" ? sum + bytesOf(path) : sum;
  }, 0);
}

/** Bytes of all packages together. */
export function totalOf(packages: readonly Package[]): number {
  return packages.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The table of all installs, with the three heaviest packages of each. */
export function tableOf(installs: readonly Installed[]): string {
  const rows = installs.map(({ title, seconds, packages }) => {
    const heaviest = packages
      .slice(0, 3)
      .map(({ id, bytes }) => `${id} ${(bytes / 1e6).toFixed(1)}`);
    const figures = [packages.length, (totalOf(packages) / 1e6).toFixed(1), seconds.toFixed(1)];
    return `${figures.map((each) => String(each).padStart(8)).join("")}  ${title} (${heaviest.join(", ")})`;
  });
  return ["packages      MB       s  install (heaviest, in MB)", ...rows].join("\n");
}
