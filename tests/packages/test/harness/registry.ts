// A registry for the packages of this repository alone: what has the scope comes from here, all else from
// wherever the machine's package managers get it.

import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { Tarball } from "./tarball.js";

export interface Registry {
  readonly url: string;
  close(): void;
}

/** Serves packages on a free port of this machine. */
export async function startRegistry(tarballs: readonly Tarball[]): Promise<Registry> {
  const byName = new Map(tarballs.map((tarball) => [tarball.manifest.name, tarball]));
  const server = http.createServer((request, response) => {
    const [name = "", file] = decodeURIComponent(request.url ?? "")
      .slice(1)
      .split("/-/");
    const tarball = byName.get(name);
    response.setHeader("cache-control", "no-store");
    if (tarball === undefined) response.writeHead(404).end("{}");
    else if (file !== undefined) response.end(tarball.bytes);
    else {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(describePackage(tarball, `http://${request.headers.host}`)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function describePackage({ manifest, integrity }: Tarball, origin: string): object {
  const { name, version } = manifest;
  const tarball = `${origin}/${name}/-/package-${version}.tgz`;
  // Old: package managers may hold back what was published a moment ago.
  const published = "2026-01-01T00:00:00.000Z";
  return {
    name,
    "dist-tags": { latest: version },
    time: { created: published, modified: published, [version]: published },
    versions: { [version]: { ...manifest, dist: { tarball, integrity } } },
  };
}
