// The two commands that the suite compares, and which cells of the table can be run here: our own
// always, the other three when S2KIT_OFFICIAL_CLI names the official binary (it must exist then).

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

export type Vendor = "official" | "ours";

export interface CellOfTable {
  readonly cli: Vendor;
  readonly server: Vendor;
}

const OUR_DIST = join(dirname(require.resolve("@s2kit/cli/package.json")), "dist");
/** Our command without its process. */
export const OUR_COMMAND: string = join(OUR_DIST, "command.js");

/** What to execute for a vendor: the program and its first arguments. */
export function programOf(vendor: Vendor): readonly [string, ...string[]] {
  if (vendor === "ours") return [process.execPath, join(OUR_DIST, "main.js")];
  const path = process.env.S2KIT_OFFICIAL_CLI ?? "";
  if (!existsSync(path)) throw new Error(`S2KIT_OFFICIAL_CLI names no file path=${path}`);
  return [path];
}

/** Whether the two commands are compared here: each runs as its users run it then. */
export const HAS_OFFICIAL: boolean = (process.env.S2KIT_OFFICIAL_CLI ?? "") !== "";

export function cellsOfTable(): readonly CellOfTable[] {
  const ours: CellOfTable = { cli: "ours", server: "ours" };
  if (!HAS_OFFICIAL) return [ours];
  return [
    ours,
    { cli: "official", server: "ours" },
    { cli: "ours", server: "official" },
    { cli: "official", server: "official" },
  ];
}
