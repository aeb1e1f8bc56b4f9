// Writes the address of the repository into the manifests of the public packages: `node write-repository.mjs URL`. Only
// where a release is made: npm compares it with where the packages were built, and a fork has another one.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The manifest with the address, its keys in their order. */
export function withRepository(manifest, url, folder) {
  return {
    ...manifest,
    repository: { type: "git", url: `git+${url}.git`, directory: folder },
    bugs: `${url}/issues`,
    homepage: `${url}/tree/main/${folder}#readme`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const url = process.argv[2] ?? "";
  if (!/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/.test(url)) {
    console.error("usage: node write-repository.mjs https://github.com/OWNER/NAME");
    process.exit(2);
  }
  for (const area of ["packages", "apps"])
    for (const name of readdirSync(join(root, area))) {
      const path = join(root, area, name, "package.json");
      const manifest = JSON.parse(readFileSync(path, "utf8"));
      if (manifest.private === true) continue;
      const text = JSON.stringify(withRepository(manifest, url, `${area}/${name}`), null, 2);
      writeFileSync(path, `${text}\n`);
    }
}
