// Proves that the built core needs nothing but JavaScript: each face loads in a realm without Node or
// a browser.

import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";

it.each(["index", "control", "server"])(
  "%s loads without module, process, Buffer or timer",
  (face) => {
    const bundle = readFileSync(new URL(`../dist/${face}.cjs`, import.meta.url), "utf8");
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
  },
);
