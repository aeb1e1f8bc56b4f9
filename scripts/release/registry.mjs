// A registry of packages for rehearsals: takes what is published by PUT, and serves it. In memory, on this machine,
// as far as pnpm's publishing and npm's installing need it; packages of others come from where npm gets them.

import * as http from "node:http";

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/**
 * Serves on a free port of this machine.
 *
 * @returns {Promise<{ url: string, packages: ReadonlyMap<string, Published>, close(): void }>}
 * @typedef {{ name: string, versions: Record<string, object>, tags: Record<string, string>, tarballs: Map<string, Buffer> }} Published
 */
export async function startRegistry() {
  /** @type {Map<string, Published>} */
  const packages = new Map();
  const server = http.createServer((request, response) => {
    answer(packages, request).then(
      ([status, body]) => response.writeHead(status, headersOf(body)).end(body),
      (error) => response.writeHead(400).end(JSON.stringify({ error: String(error?.message) })),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    packages,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function headersOf(body) {
  const type = typeof body === "string" ? "application/json" : "application/octet-stream";
  return { "content-type": type, "cache-control": "no-store" };
}

async function answer(packages, request) {
  const [name, file] = decodeURIComponent(new URL(request.url, "http://x").pathname)
    .slice(1)
    .split("/-/");
  const known = packages.get(name);
  if (request.method === "PUT") return publish(packages, name, JSON.parse(await bodyOf(request)));
  if (known === undefined) return [404, "{}"];
  if (file === undefined) return [200, JSON.stringify(describe(known, request.headers.host))];
  const tarball = known.tarballs.get(file.split("/").at(-1));
  return tarball === undefined ? [404, "{}"] : [200, tarball];
}

async function bodyOf(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error("too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** A version is published once, as in the registry of npm. */
function publish(packages, name, document) {
  const known = packages.get(name) ?? { name, versions: {}, tags: {}, tarballs: new Map() };
  for (const [version, manifest] of Object.entries(document.versions ?? {})) {
    if (version in known.versions) return [409, JSON.stringify({ error: "published before" })];
    known.versions[version] = manifest;
  }
  Object.assign(known.tags, document["dist-tags"]);
  for (const [file, { data }] of Object.entries(document._attachments ?? {}))
    known.tarballs.set(file.split("/").at(-1), Buffer.from(data, "base64"));
  packages.set(name, known);
  return [201, JSON.stringify({ ok: true })];
}

function describe({ name, versions, tags, tarballs }, host) {
  // Old: package managers may hold back what was published a moment ago.
  const published = "2026-01-01T00:00:00.000Z";
  const described = Object.entries(versions).map(([version, manifest]) => {
    const file = [...tarballs.keys()].find((each) => each.endsWith(`-${version}.tgz`));
    const tarball = `http://${host}/${name}/-/${file}`;
    return [version, { ...manifest, dist: { ...manifest.dist, tarball } }];
  });
  const times = Object.keys(versions).map((version) => [version, published]);
  return {
    name,
    "dist-tags": tags,
    time: { created: published, modified: published, ...Object.fromEntries(times) },
    versions: Object.fromEntries(described),
  };
}
