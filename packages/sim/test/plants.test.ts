// Faults that are kept for long runs can still be planted: their places are there, once.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { plants } from "../plants.mjs";

const ROOT = new URL("../../../", import.meta.url);

it.each(plants.map((plant) => [plant.id, plant] as const))("%s has its place", (_, plant) => {
  const text = readFileSync(new URL(plant.file, ROOT), "utf8");
  for (const [find] of plant.change) expect(text.split(find).length - 1).toBe(1);
});
