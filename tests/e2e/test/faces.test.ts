// Every published face loads by import and by require, and shows the same names both ways.

import { createRequire } from "node:module";
import { expect, it } from "vitest";

const require = createRequire(import.meta.url);

const faces = [
  "@s2kit/core",
  "@s2kit/core/testing",
  "@s2kit/client",
  "@s2kit/producer",
  "@s2kit/server-lite",
  "@s2kit/server-lite/testing",
];

it.each(faces)("%s shows the same names to import and to require", async (face) => {
  const imported = Object.keys((await import(face)) as object).filter(isOwnName);
  const required = Object.keys(require(face) as object).filter(isOwnName);

  expect(imported.sort()).toEqual(required.sort());
});

function isOwnName(name: string): boolean {
  return name !== "default" && name !== "module.exports" && name !== "__esModule";
}
