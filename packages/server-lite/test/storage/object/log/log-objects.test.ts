import { randomInteger, seededRandom } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { LogObjects } from "../../../../src/storage/object/log/log-objects.js";
import { CalmShard } from "../claim/calm-shard.js";

const HEAD_BYTES = 96;

/** Objects whose bodies are parts of one long run of bytes, with padding between them. */
function laidOut(world: CalmShard, lengths: readonly number[]) {
  const random = seededRandom(1);
  const { shard } = world.node("a");
  const objects = new LogObjects(shard);
  const run = new Uint8Array(lengths.reduce((sum, length) => sum + Math.ceil(length / 64) * 64, 0));
  let offset = 0;
  for (const [slot, length] of lengths.entries()) {
    const body = random.bytes(length);
    run.set(body, offset);
    const key = `s/00/log/0000000003/${String(slot).padStart(12, "0")}`;
    const bytes = Buffer.concat([new Uint8Array(HEAD_BYTES), body]);
    world.bucket.objects.set(key, { bytes, putMs: 0 });
    objects.note(7, { place: { epoch: 3, slot }, offset, length, sequence: slot, position: slot });
    offset += Math.ceil(length / 64) * 64;
  }
  return { objects, run };
}

function read(objects: LogObjects, target: Uint8Array, offset: number): Promise<number> {
  const run = objects.segment(7);
  if (run === undefined) throw new Error("the run is known");
  return run.file.read(target, offset);
}

describe("groups in the bucket", () => {
  it("are read by the places that rows name, over as many objects as it takes", async () => {
    const random = seededRandom(2);
    const world = new CalmShard();
    const { objects, run } = laidOut(world, [100, 64, 900, 1, 333, 65]);
    for (let each = 0; each < 60; each++) {
      const from = randomInteger(random, 0, run.length - 1);
      const target = new Uint8Array(randomInteger(random, 1, run.length - from));
      await world.during(read(objects, target, from));
      expect(Buffer.compare(target, run.subarray(from, from + target.length))).toBe(0);
    }
  });

  it("are asked for no more than is wanted", async () => {
    const world = new CalmShard();
    const { objects } = laidOut(world, [640, 640, 640]);
    const before = world.bucket.counts.get;
    await world.during(read(objects, new Uint8Array(10), 700));
    expect(world.bucket.counts.get - before).toBe(1);
  });

  it("that are gone or cut are named", async () => {
    const world = new CalmShard();
    const { objects } = laidOut(world, [640, 640]);
    const key = "s/00/log/0000000003/000000000001";
    const bytes = world.bucket.objects.get(key)?.bytes as Uint8Array;
    world.bucket.objects.set(key, { bytes: bytes.slice(0, 300), putMs: 0 });
    await expect(world.during(read(objects, new Uint8Array(600), 650))).rejects.toThrow(
      `key=${key}`,
    );
    world.bucket.lose(key);
    await expect(world.during(read(objects, new Uint8Array(10), 700))).rejects.toThrow(
      `key=${key}`,
    );
    expect(objects.pathOf(7, 700)).toBe(key);
  });

  it("say which is the first that is needed", () => {
    const world = new CalmShard();
    const { objects } = laidOut(world, [64, 64]);
    const place = { epoch: 4, slot: 0 };
    objects.note(9, { place, offset: 0, length: 64, sequence: 3, position: 5 });
    expect(objects.lowest?.place).toEqual({ epoch: 3, slot: 0 });
    objects.forget(7);
    expect(objects.lowest?.place).toEqual({ epoch: 4, slot: 0 });
    objects.forget(9);
    expect(objects.lowest).toBeUndefined();
  });

  it("are counted until their run is forgotten", () => {
    const world = new CalmShard();
    const { objects } = laidOut(world, [64, 100]);
    expect([objects.bytes, objects.slots]).toEqual([164, 2]);
    objects.forget(7);
    expect([objects.bytes, objects.slots]).toEqual([0, 0]);
  });

  it("of a run that is forgotten are read by those who began, and told of until they end", async () => {
    const world = new CalmShard();
    const { objects, run } = laidOut(world, [640, 640]);
    const known = objects.segment(7);
    if (known === undefined) throw new Error("the run is known");
    known.pins++;
    objects.forget(7);
    expect(objects.segment(7)).toBeUndefined();
    expect(objects.lowestRead?.place).toEqual({ epoch: 3, slot: 0 });
    const target = new Uint8Array(700);
    await world.during(known.file.read(target, 100));
    expect(Buffer.compare(target, run.subarray(100, 800))).toBe(0);
    known.pins--;
    expect(objects.lowestRead).toBeUndefined();
  });
});
