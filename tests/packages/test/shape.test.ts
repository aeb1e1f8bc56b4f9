// What the tarballs themselves are: whole, with their licence, and made by the one program that can.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folderOf, PUBLIC_FOLDERS, packAll } from "./harness/packed.js";
import type { Tarball } from "./harness/tarball.js";

let packed: readonly Tarball[];

beforeAll(() => {
  packed = packAll();
});

describe("a packed package", () => {
  it.each(PUBLIC_FOLDERS)(
    "of %s has its licence, a README, and no word of the workspace",
    (folder) => {
      const { manifest, files } = packed[PUBLIC_FOLDERS.indexOf(folder)] as Tarball;
      expect(files.get("LICENSE")).toContain("MIT");
      expect(files.get("README.md")).toContain(`# ${manifest.name}`);
      expect(JSON.stringify(manifest)).not.toContain("workspace:");
      expect([...files.keys()].filter((name) => /\.map$|(^|\/)(src|test)\//.test(name))).toEqual(
        [],
      );
      expect(manifest).not.toHaveProperty("scripts.postinstall");
    },
  );

  it("has every file that its manifest names", () => {
    for (const { manifest, files } of packed) {
      const named = [...JSON.stringify(manifest.exports).matchAll(/"\.\/([^"*]+\.[cm]?[jt]s)"/g)];
      for (const [, path] of named)
        expect(files.has(path ?? ""), `${manifest.name} ${path}`).toBe(true);
    }
  });

  it("has a folder for each subpath, for those who read no exports, and leaves none in the tree", () => {
    const [core] = packed;
    const folder = JSON.parse(core?.files.get("control/package.json") ?? "{}") as { main: string };
    expect(core?.files.has(join("control", folder.main))).toBe(true);
    expect(existsSync(join(folderOf("packages/core"), "control"))).toBe(false);
  });

  it("is refused to npm, which is told the way", () => {
    const { status, stderr } = spawnSync("npm", ["pack", "--dry-run"], {
      cwd: folderOf("packages/producer"),
      env: { ...process.env, npm_config_user_agent: undefined },
      encoding: "utf8",
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain("pack with `pnpm pack`");
  });
});
