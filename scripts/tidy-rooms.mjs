// The house rules about rooms of sources: what each asserts may not become less, and each room of the
// server's rules has a test of its name. Called by tidy.mjs; proven in tidy.test.mjs.

import { dirname } from "node:path";

/** How many `assert(` each room has at least. May only rise, except when the code they guard goes. */
export const minimumAsserts = {
  "packages/core/src/async": 1,
  "packages/core/src/s2s": 1,
  "packages/core/src/sse": 1,
  "packages/core/src/testing": 2,
  "packages/server-lite/src/backend/access": 1,
  "packages/server-lite/src/backend/append": 6,
  "packages/server-lite/src/backend/background": 3,
  "packages/server-lite/src/backend/catalog/keys": 1,
  "packages/server-lite/src/backend/read": 4,
  "packages/server-lite/src/http": 3,
  "packages/server-lite/src/lending": 2,
  "packages/server-lite/src/memory": 4,
  "packages/server-lite/src/session": 3,
  "packages/server-lite/src/storage": 14,
  "packages/server-lite/src/storage/disk/engine": 1,
  "packages/server-lite/src/storage/disk/log": 6,
  "packages/server-lite/src/storage/disk/medium": 2,
  "packages/server-lite/src/storage/disk/upkeep": 4,
  "packages/server-lite/src/storage/extents": 1,
  "packages/server-lite/src/storage/log": 11,
  "packages/server-lite/src/storage/memory": 2,
  "packages/server-lite/src/storage/object/claim": 4,
  "packages/server-lite/src/storage/object/data": 4,
  "packages/server-lite/src/storage/object/format": 11,
  "packages/server-lite/src/storage/object/log": 6,
  "packages/server-lite/src/storage/object/state": 3,
};

export const roomRules = {
  asserts: {
    name: "asserts of a room",
    remedy:
      "keep what is asserted; minimumAsserts in scripts/tidy-rooms.mjs rises with new ones, and falls only with a reason",
  },
  tests: {
    name: "tests of a room",
    remedy: "test it in a folder or file of its name below test/backend",
  },
};

/**
 * @param {ReadonlyMap<string, string>} files - texts by path, sources and tests
 * @param minimum - see {@link minimumAsserts}
 * @returns {string[]} one line of text for each offence
 */
export function checkRooms(files, minimum = minimumAsserts) {
  return [...checkAsserts(files, minimum), ...checkTests([...files.keys()])];
}

function offence(rule, place, what) {
  const { name, remedy } = roomRules[rule];
  return `${place} ${name} (${what}): ${remedy}`;
}

const BACKEND = "packages/server-lite/src/backend/";

/** Rooms are the folders of the backend, and the shard; the node is tested by whole servers. */
function checkTests(paths) {
  const rooms = new Set(
    paths
      .filter((path) => path.startsWith(BACKEND))
      .map((path) => path.slice(BACKEND.length).split("/")[0]),
  );
  const tests = paths.filter((path) => path.endsWith(".test.ts"));
  return [...rooms]
    .filter((room) => !room.endsWith(".ts") || room === "shard.ts")
    .map((room) => room.replace(/\.ts$/, ""))
    .filter((room) => {
      const place = `packages/server-lite/test/backend/${room}`;
      return !tests.some((path) => path === `${place}.test.ts` || path.startsWith(`${place}/`));
    })
    .map((room) => offence("tests", `${BACKEND}${room}`, "none"));
}

function checkAsserts(files, minimum) {
  const counts = countAsserts(files);
  return Object.entries(minimum)
    .filter(([room, least]) => (counts.get(room) ?? 0) < least)
    .map(([room, least]) => offence("asserts", room, `${counts.get(room) ?? 0} of ${least}`));
}

/** By folder; comments, texts and the word's own declaration are not counted. */
export function countAsserts(files) {
  const counts = new Map();
  for (const [path, text] of files) {
    if (!/^packages\/[^/]+\/src\//.test(path)) continue;
    const found = text.match(/^(?!\s*(\/\/|\*|\/\*))(.*[^\w.`"'\n])?assert\(/gm)?.length ?? 0;
    const own = /function assert\(/.test(text) ? 1 : 0;
    if (found > own) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + found - own);
  }
  return counts;
}
