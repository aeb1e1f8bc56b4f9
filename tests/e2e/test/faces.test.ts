// Every published face loads by import and, where it has a require condition, by require, and shows
// the same names both ways. Which faces there are is read from the manifests of the packages.

import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";

const require = createRequire(import.meta.url);

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface Face {
  readonly name: string;
  readonly hasRequire: boolean;
}

const packages = ["core", "client", "producer", "server-lite"].map((name) => `@s2kit/${name}`);
const faces = packages.flatMap((name): Face[] =>
  Object.entries((require(`${name}/package.json`) as Manifest).exports)
    // Paths to plain files are no faces.
    .filter(([, conditions]) => hasCondition(conditions, "import"))
    .map(([path, conditions]) => ({
      name: `${name}${path.slice(1)}`,
      hasRequire: hasCondition(conditions, "require"),
    })),
);

it("every package has its main face by import and by require", () => {
  for (const name of packages) expect(faces).toContainEqual({ name, hasRequire: true });
});

describe.each(faces)("$name", ({ name, hasRequire }) => {
  it(hasRequire ? "shows the same names to import and to require" : "loads by import", async () => {
    const imported = Object.keys((await import(name)) as object).filter(isOwnName);
    expect(imported.length).toBeGreaterThan(0);
    if (!hasRequire) return;
    const required = Object.keys(require(name) as object).filter(isOwnName);
    expect(imported.sort()).toEqual(required.sort());
  });
});

/** Conditions may nest: `{ node: { import, require } }`. */
function hasCondition(conditions: unknown, wanted: string): boolean {
  if (typeof conditions !== "object" || conditions === null) return false;
  return Object.entries(conditions).some(
    ([condition, value]) => condition === wanted || hasCondition(value, wanted),
  );
}

function isOwnName(name: string): boolean {
  return name !== "default" && name !== "module.exports" && name !== "__esModule";
}
