// Proves that the built core needs nothing but JavaScript: it loads in a realm without Node or a browser.

import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";

it("loads in a realm that has no module, no process, no Buffer and no timer", () => {
  const bundle = readFileSync(new URL("../dist/index.cjs", import.meta.url), "utf8");
  const realm = {
    module: { exports: {} },
    require: (name: string) => {
      throw new Error(`core required name=${name}`);
    },
    TextDecoder,
    TextEncoder,
  };

  runInNewContext(bundle, realm);

  expect(Object.keys(realm.module.exports)).not.toEqual([]);
});
