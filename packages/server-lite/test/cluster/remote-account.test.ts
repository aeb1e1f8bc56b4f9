// The account of a store whose shards are at two nodes: what the first one changes gets to the other, in
// order and once each, whatever becomes of the requests between them.

import { S2Error, systemRandom } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ROOT_ACCESS } from "../../src/backend/access/access.js";
import { Backend } from "../../src/backend/backend.js";
import type { BackendComponents } from "../../src/backend/backend-components.js";
import { ACCOUNT_VERSION } from "../../src/backend/catalog/keys/account-change.js";
import { ONLY } from "../../src/backend/catalog/keys/key-kind.js";
import { shardOf } from "../../src/backend/catalog/placement.js";
import { createNodeDoor, NODE_PATHS } from "../../src/cluster/node-door.js";
import { RemoteReplica, remotePart } from "../../src/cluster/remote-account.js";
import { type ServedShard, ServedShards } from "../../src/cluster/served-shards.js";
import type { ShardQuestion, WholeAnswer } from "../../src/cluster/shard-requests.js";
import { HEADER_SECRET, HEADER_SHARD } from "../../src/exchange/peers.js";
import { handleRequest } from "../../src/http/web-handler.js";
import { askHere } from "../../src/sharing/shards-served.js";
import { createMemoryStorage, type MemoryStorage } from "../../src/storage/memory/memory.js";

const clock = createSimulatedClock();
let stores: { readonly first: MemoryStorage; readonly copy: MemoryStorage };
let first: Backend;
let copy: Backend;
let replica: RemoteReplica;
/** Requests whose answer gets lost, from now on; then those that arrive nowhere. */
let lost = 0;
let cut = 0;
let asked = 0;
/** Changes arrive nowhere; other questions do. */
let isBehind = false;
let told: unknown[] = [];

function backend(storage: MemoryStorage, given: Partial<BackendComponents>): Backend {
  return new Backend(
    { appendInflightBytes: 1024 * 1024 },
    {
      storage,
      clock,
      random: systemRandom,
      onBackgroundError: (error) => {
        throw error;
      },
      ...given,
    },
  );
}

const served: ServedShard = {
  shard: 1,
  serve: () => Promise.reject(new Error("no request of a client is made here")),
  prefixOf: () => "",
  takeChanges: (changes) => copy.takeChanges(changes),
  isPurged: (basin, version) => copy.isPurged(basin, version),
};

async function ask(_shard: number, question: ShardQuestion): Promise<WholeAnswer> {
  asked++;
  const gone = new S2Error({ code: "unavailable", message: "gone" });
  if (cut-- > 0 || (isBehind && question.path === NODE_PATHS.account)) throw gone;
  const answer = await askHere(served, question);
  if (lost-- > 0) throw gone;
  return answer;
}

function openFirst(): void {
  const onError = (error: unknown): void => void told.push(error);
  const remote = { clock, requests: { ask }, shard: 1, onError };
  replica = new RemoteReplica(remote);
  first = backend(stores.first, {
    place: { shard: 0, shards: 2 },
    elsewhere: { kind: "copies", replicas: [replica], parts: [remotePart(remote)] },
  });
}

beforeEach(() => {
  lost = 0;
  cut = 0;
  asked = 0;
  isBehind = false;
  told = [];
  stores = { first: createMemoryStorage(), copy: createMemoryStorage() };
  copy = backend(stores.copy, { place: { shard: 1, shards: 2 }, elsewhere: { kind: "first" } });
  openFirst();
});
afterEach(async () => {
  replica.close();
  await Promise.all([first.close(), copy.close()]);
});

/** What the answer to a change waits for. */
function changed(): Promise<void> {
  const request = first.ask();
  request.noteChange();
  return Promise.resolve(request.barrier());
}

/** Lets time pass until it is there. */
async function inTime<T>(waited: Promise<T>): Promise<T> {
  let isOver = false;
  void waited
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  for (let step = 0; step < 100 && !isOver; step++) {
    await clock.advanceAsync(50);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return waited;
}

it("is changed when the other node has the change for good, and not before", async () => {
  stores.copy.holdDurability();
  first.basins.create({ basin: "basin-one" });
  let isDone = false;
  const done = changed().then(() => {
    isDone = true;
  });
  await vi.waitFor(() => expect(copy.shard.catalog.basin("basin-one")).toBeDefined());
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDone).toBe(false);
  stores.copy.releaseDurability();
  await done;
});

it("gets there once and in order, whatever answers and requests are lost", async () => {
  const names = Array.from({ length: 120 }, (_, at) => `basin-${at + 100}`);
  for (const [at, basin] of names.entries()) {
    if (at % 30 === 7) lost = 2;
    if (at % 30 === 17) cut = 2;
    first.basins.create({ basin });
    if (at % 10 === 0) await inTime(changed());
  }
  await inTime(changed());
  expect(copy.shard.catalog.get(ACCOUNT_VERSION, ONLY)).toBe(names.length);
  for (const basin of names) expect(copy.shard.catalog.basin(basin)).toBeDefined();
  // What has arrived is not sent again.
  const before = asked;
  await inTime(changed());
  expect(asked).toBe(before);
});

it("is gone on with by the next owner of the first shard", async () => {
  cut = Number.POSITIVE_INFINITY;
  first.basins.create({ basin: "basin-one" });
  await clock.advanceAsync(1000);
  replica.close();
  await first.close();
  expect(copy.shard.catalog.basin("basin-one")).toBeUndefined();
  cut = 0;
  openFirst();
  await inTime(changed());
  expect(copy.shard.catalog.basin("basin-one")).toBeDefined();
});

it("is not changed by what has a hole before it", async () => {
  const rows = [["b/basin-one", "{}"]] as const;
  await expect(copy.takeChanges([{ version: 2, rows }])).rejects.toMatchObject({ code: "storage" });
  expect(copy.shard.catalog.get(ACCOUNT_VERSION, ONLY)).toBeUndefined();
  await expect(first.takeChanges([])).rejects.toMatchObject({ code: "misdirected" });
});

it("has no stream of the other shard, whoever sends it there", () => {
  const names = Array.from({ length: 20 }, (_, at) => ({ basin: "basin-one", stream: `s-${at}` }));
  for (const name of names) {
    const isHere = shardOf(name, 2) === 1;
    const ask = () => copy.ask().of(name);
    if (isHere) expect(ask()).toBe(copy.shard);
    else expect(ask).toThrow(expect.objectContaining({ code: "misdirected" }));
    if (!isHere) expect(() => copy.checkTail(name)).toThrow("another part of the store");
  }
});

it("ends a token at the other node before its revocation is answered", async () => {
  const secret = first.accessTokens.issue(ROOT_ACCESS, { id: "going", scope: { ops: ["read"] } });
  await changed();
  const authenticate = () => copy.accessTokens.authenticate(`Bearer ${secret}`);
  expect(authenticate().tokenId).toBe("going");
  const ended: string[] = [];
  copy.accessTokens.onEnded = (id) => void ended.push(id);
  first.accessTokens.revoke("going");
  await changed();
  expect(authenticate).toThrow("not known");
  expect(ended).toEqual(["going"]);
});

it("says of a basin what it knows of the last one of its name, not of one before", async () => {
  const basin = "basin-one";
  const isGone = (at: Backend): boolean => at.shard.catalog.basin(basin) === undefined;
  const untilGone = async (): Promise<void> => {
    for (let step = 0; step < 40 && !isGone(first); step++)
      await inTime(new Promise<void>((resolve) => void clock.setTimer(resolve, 50)));
  };
  first.basins.create({ basin });
  await inTime(changed());
  first.basins.delete(basin);
  await inTime(changed());
  // It has purged the first one, and does not learn of the second.
  isBehind = true;
  await untilGone();
  expect([isGone(first), isGone(copy)]).toEqual([true, false]);
  Object.assign(stores.copy, { isFresh: false });
  await expect(copy.isPurged(basin, 2)).rejects.toMatchObject({ code: "unavailable" });
  Object.assign(stores.copy, { isFresh: true });
  first.basins.create({ basin });
  first.basins.delete(basin);
  await untilGone();
  expect(isGone(first)).toBe(false);
  const answer = await askHere(served, {
    method: "GET",
    path: `${NODE_PATHS.purged}?basin=${basin}`,
    headers: {},
  });
  expect(answer.status).toBe(400);
  isBehind = false;
  await untilGone();
  expect(isGone(first)).toBe(true);
});

it("is given no change when it has more than the first shard ever made", async () => {
  const rows = [["b/basin-two", undefined]] as const;
  replica.close();
  await first.close();
  await copy.takeChanges([1, 2].map((version) => ({ version, rows })));
  openFirst();
  first.basins.create({ basin: "basin-one" });
  const refused = expect(changed()).rejects.toMatchObject({ code: "unavailable" });
  await vi.waitFor(() => expect(told).toEqual([expect.objectContaining({ code: "storage" })]));
  expect([replica.isOpen, replica.confirmed]).toEqual([false, 0]);
  await first.close();
  await refused;
});

it("is told to nobody who does not know the secret, and nothing is passed on", async () => {
  const door = createNodeDoor({
    served: new ServedShards(),
    secret: "the secret of the nodes",
    onUnexpected: () => undefined,
  });
  const statusOf = async (headers: Record<string, string>): Promise<number> =>
    (await handleRequest(new Request("http://node/v1/basins", { headers }), door)).status;
  expect(await statusOf({ [HEADER_SHARD]: "0" })).toBe(401);
  expect(await statusOf({ [HEADER_SHARD]: "0", [HEADER_SECRET]: "another" })).toBe(401);
  expect(await statusOf({ [HEADER_SHARD]: "0", [HEADER_SECRET]: "the secret of the nodes" })).toBe(
    421,
  );
});
