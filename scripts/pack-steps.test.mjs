// What stands around the packing of a package: who may pack, and the folders that stand for subpaths.

import { expect, it } from "vitest";
import { foldersOf, refusalOf } from "./build/pack-steps.mjs";

it("lets pnpm pack, and nobody else, in a sentence that names the way", () => {
  expect(refusalOf("pnpm/12.21.0 npm/? node/v24.0.0 linux x64")).toBeUndefined();
  for (const other of ["npm/11.0.0 node/v24.0.0 linux x64", "yarn/1.22.0 npm/?", ""])
    expect(refusalOf(other)).toContain("pack with `pnpm pack`");
  expect(refusalOf("npm/11.0.0")).toMatch(/^npm would leave "workspace:"/);
});

it("makes a folder for each subpath that programs without exports can load", () => {
  const target = (name) => ({
    import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
  });
  const folders = foldersOf({
    exports: {
      ".": target("index"),
      "./control": target("control"),
      "./esm-only": { import: target("esm-only").import },
      "./fixtures/*": "./fixtures/*",
      "./package.json": "./package.json",
    },
  });
  expect([...folders.keys()]).toEqual(["control"]);
  expect(JSON.parse(folders.get("control"))).toEqual({
    main: "../dist/control.cjs",
    module: "../dist/control.js",
    types: "../dist/control.d.cts",
    sideEffects: false,
  });
});
