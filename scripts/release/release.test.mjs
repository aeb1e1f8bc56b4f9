// Proves that a rehearsal finds gaps, that its registry takes and gives as npm's does, and that workflows name what
// is there. The rehearsal itself takes minutes: `pnpm release:rehearse`.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { gapsOf, gapsOfPublished } from "./gaps.mjs";
import { startRegistry } from "./registry.mjs";
import { withRepository } from "./write-repository.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

const manifest = {
  name: "@s2kit/a",
  version: "1.2.0",
  description: "a",
  license: "MIT",
  engines: { node: ">=22" },
  files: ["dist"],
  publishConfig: { access: "public" },
};
const candidate = (more = {}, changelog = "# a\n\n## 1.2.0\n") => ({
  folder: "packages/a",
  manifest: { ...manifest, ...more },
  changelog,
});

describe("gaps of a tree", () => {
  it("are none when all is there", () => {
    expect(gapsOf([candidate()], [])).toEqual([]);
  });

  it.each([
    [[candidate({ license: undefined })], "packages/a: no license"],
    [[candidate({ version: "0.0.0" }, "## 0.0.0\n")], "packages/a: version 0.0.0"],
    [[candidate({ publishConfig: {} })], "packages/a: is not published for all"],
    [
      [candidate({}, undefined), candidate({}, "## 1.1.0\n")],
      "packages/a: no entry 1.2.0 in CHANGELOG.md",
    ],
    [[candidate({ scripts: { postinstall: "x" } })], "packages/a: has an install script"],
    [
      [candidate(), candidate({ version: "1.3.0" }, "## 1.3.0\n")],
      "more than one version: 1.2.0, 1.3.0",
    ],
    [[], "no public package"],
  ])("are told: case %#", (candidates, gap) => {
    expect(gapsOf(candidates, [])).toContain(gap);
  });

  it("are changesets that became no version", () => {
    expect(gapsOf([candidate()], ["left.md"])).toEqual([
      "a changeset that became no version: left.md",
    ]);
  });
});

describe("gaps of what was published", () => {
  const published = (more) =>
    new Map([
      ["@s2kit/a", { versions: { "1.2.0": { ...manifest, ...more } }, tags: { latest: "1.2.0" } }],
    ]);
  const gaps = (more, names = ["@s2kit/a"]) => gapsOfPublished(published(more), names, "1.2.0");

  it("are none when all is there", () => {
    expect(gaps({ dependencies: { ws: "^8.0.0" } })).toEqual([]);
  });

  it("are packages that are missing, ranges that nobody can install, and siblings of another release", () => {
    expect(gaps({}, ["@s2kit/a", "@s2kit/b"])).toEqual(["@s2kit/b: was not published"]);
    expect(gaps({ dependencies: { b: "workspace:^" } })).toEqual([
      "@s2kit/a: nobody can install b workspace:^",
    ]);
    expect(gaps({ optionalDependencies: { "@s2kit/a": "^1.1.0" } })).toEqual([
      "@s2kit/a: asks for @s2kit/a ^1.1.0, which is not this release",
    ]);
  });
});

describe("the registry", () => {
  it("gives what was published, and takes a version once", async () => {
    const registry = await startRegistry();
    try {
      const url = `${registry.url}@s2kit%2fa`;
      const body = JSON.stringify({
        versions: { "1.2.0": { ...manifest, dist: { integrity: "sha512-x" } } },
        "dist-tags": { latest: "1.2.0" },
        _attachments: { "@s2kit/a-1.2.0.tgz": { data: Buffer.from("bytes").toString("base64") } },
      });
      expect((await fetch(url)).status).toBe(404);
      expect((await fetch(url, { method: "PUT", body })).status).toBe(201);
      const { versions, "dist-tags": tags } = await (await fetch(url)).json();
      expect(tags).toEqual({ latest: "1.2.0" });
      expect(versions["1.2.0"].dist.integrity).toBe("sha512-x");
      expect(await (await fetch(versions["1.2.0"].dist.tarball)).text()).toBe("bytes");
      expect((await fetch(url, { method: "PUT", body })).status).toBe(409);
      expect(registry.packages.get("@s2kit/a").tags.latest).toBe("1.2.0");
    } finally {
      registry.close();
    }
  });
});

describe("workflows", () => {
  const texts = globSync(".github/workflows/*.yml", { cwd: root }).map((path) => [
    path,
    readFileSync(join(root, path), "utf8"),
  ]);

  it("run scripts that are there", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(texts.length).toBeGreaterThan(1);
    for (const [path, text] of texts) {
      const named = [...text.matchAll(/(?:run: |^ {10})(?:pnpm|npm) (?:run )?([\w:]+)/gm)].map(
        ([, name]) => name,
      );
      expect(named.length).toBeGreaterThan(1);
      for (const name of named)
        expect([path, name, name in scripts || /^(install|publish)$/.test(name)]).toEqual([
          path,
          name,
          true,
        ]);
      for (const [, file] of text.matchAll(/node (scripts\/\S+)/g))
        expect(globSync(file, { cwd: root })).toEqual([file]);
    }
  });

  it("name one secret, only where packages are published, and read nothing that a stranger writes", () => {
    for (const [path, text] of texts) {
      const secrets = [...text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name);
      expect([path, secrets]).toEqual([path, path.includes("release") ? ["NPM_TOKEN"] : []]);
      expect([path, /pull_request_target|github\.(event|head_ref)/.test(text)]).toEqual([
        path,
        false,
      ]);
      expect([path, /^permissions:\n {2}contents: read$/m.test(text)]).toEqual([path, true]);
    }
  });
});

describe("the address of the repository", () => {
  it("is written with the folder of the package", () => {
    expect(withRepository({ name: "@s2kit/a" }, "https://github.com/o/n", "packages/a")).toEqual({
      name: "@s2kit/a",
      repository: { type: "git", url: "git+https://github.com/o/n.git", directory: "packages/a" },
      bugs: "https://github.com/o/n/issues",
      homepage: "https://github.com/o/n/tree/main/packages/a#readme",
    });
  });
});
