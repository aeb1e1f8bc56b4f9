// Who is asked for a shard, by what the members of a cluster say of themselves: it may be out of date.

import { createSimulatedClock } from "@s2kit/core/testing";
import { expect, it } from "vitest";
import { Owners } from "../../src/cluster/owners.js";
import { type ServedShard, ServedShards } from "../../src/cluster/served-shards.js";
import type { Member, Membership } from "../../src/storage/object/membership/membership.js";

const self = { node: "a", incarnation: "1" };
const member = (node: string, shards: readonly number[]): Member => {
  return { node, incarnation: node, url: `http://${node}`, state: "up", shards };
};

/** What the next looks show, one after the other. */
function membershipOf(looks: (readonly Member[])[]): Membership {
  return {
    self,
    isSure: true,
    lookEveryMs: 1000,
    living: looks.shift() ?? [],
    async look() {
      (this as { living: readonly Member[] }).living = looks.shift() ?? this.living;
    },
  };
}

it("is not asked again when it was wrong, until another look shows who is", async () => {
  const clock = createSimulatedClock();
  const [b, c] = [member("b", [1]), member("c", [1])];
  const membership = membershipOf([[b], [b], [c]]);
  const owners = new Owners({ clock, membership, served: new ServedShards() });
  expect(await owners.find(1, 8000)).toEqual({ kind: "there", url: "http://b" });
  owners.noteWrong(1, "http://b", 8000);
  const found = owners.find(1, 8000);
  expect(owners.parkedCount).toBe(1);
  await clock.advanceAsync(300);
  // It says so again: it may be one now.
  expect(await found).toEqual({ kind: "there", url: "http://b" });
  owners.noteWrong(1, "http://b", 8000);
  const next = owners.find(1, 8000);
  await clock.advanceAsync(300);
  await clock.advanceAsync(300);
  expect(await next).toEqual({ kind: "there", url: "http://c" });
  expect(owners.parkedCount).toBe(0);
});

it("is waited for, for a bounded time, and found here as soon as it is", async () => {
  const clock = createSimulatedClock();
  const served = new ServedShards();
  const owners = new Owners({ clock, membership: membershipOf([[]]), served });
  const late = owners.find(2, clock.monotonic() + 1000);
  late.catch(() => undefined);
  for (let step = 0; step < 10; step++) await clock.advanceAsync(200);
  await expect(late).rejects.toMatchObject({ code: "unavailable" });
  const found = owners.find(2, clock.monotonic() + 8000);
  const shard = { shard: 2 } as ServedShard;
  served.enter(shard);
  expect(await found).toEqual({ kind: "here", served: shard });
  const ended = owners.find(3, clock.monotonic() + 8000);
  ended.catch(() => undefined);
  owners.close();
  await clock.advanceAsync(300);
  await expect(ended).rejects.toMatchObject({ code: "unavailable" });
});

it("is not asked in turns with another that is wrong too, nor after the time for it", async () => {
  const clock = createSimulatedClock();
  const membership = membershipOf([[member("b", [1]), member("c", [1])]]);
  const owners = new Owners({ clock, membership, served: new ServedShards() });
  const untilMs = clock.monotonic() + 100;
  owners.noteWrong(1, "http://b", untilMs);
  expect(await owners.find(1, untilMs)).toEqual({ kind: "there", url: "http://c" });
  clock.advance(100);
  expect(() => owners.noteWrong(1, "http://c", untilMs)).toThrow("no node has this part");
  await expect(owners.find(1, untilMs)).rejects.toMatchObject({ code: "unavailable" });
});

it("is waited for by nobody whose client is gone", async () => {
  const clock = createSimulatedClock();
  const owners = new Owners({ clock, membership: membershipOf([[]]), served: new ServedShards() });
  const left = new AbortController();
  const found = owners.find(1, clock.monotonic() + 8000, left.signal);
  expect(owners.parkedCount).toBe(1);
  left.abort();
  await expect(found).rejects.toMatchObject({ code: "client_hangup" });
  expect(owners.parkedCount).toBe(0);
});
