// The whole table: every case of every row, in every cell that can run here. A case that fails in a
// cell is a difference that nobody stated.

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cell, unusedDifferences } from "./harness/cell.js";
import { DIFFERENCES } from "./harness/differences.js";
import { type Lite, startLite } from "./harness/lite.js";
import { cellsOfTable, type Vendor } from "./harness/programs.js";
import { arguments_ } from "./rows/arguments.js";
import { basins } from "./rows/basins.js";
import { bench } from "./rows/bench.js";
import { commands, matching } from "./rows/commands.js";
import { credentials, endpoints } from "./rows/credentials.js";
import { applying, comparing } from "./rows/declarative.js";
import { listing } from "./rows/listing.js";
import { lite } from "./rows/lite.js";
import { reading } from "./rows/reading.js";
import { records } from "./rows/records.js";
import { checkTail, missing, streams } from "./rows/streams.js";

const ROWS = [
  listing,
  basins,
  streams,
  missing,
  checkTail,
  records,
  reading,
  commands,
  matching,
  comparing,
  applying,
  bench,
  credentials,
  endpoints,
  arguments_,
  lite,
];

const NAMES: Readonly<Record<Vendor, readonly [cli: string, server: string]>> = {
  official: ["the official command", "the official lite"],
  ours: ["our command", "our server"],
};

describe.each(
  cellsOfTable().map((place) => ({
    ...place,
    title: `${NAMES[place.cli][0]} with ${NAMES[place.server][1]}`,
  })),
)("$title", (place) => {
  let server: Lite;

  beforeAll(async () => {
    server = await startLite(place.server);
  });

  afterAll(async () => {
    await server.stop();
  });

  describe.concurrent.each(ROWS)("row $number: $title", ({ cases }) => {
    it.each(Object.entries(cases))("%s", async (_title, run) => {
      const cell = new Cell(place, server.url);
      using shell = cell.shell();
      await run(shell, cell);
    });
  });
});

it.skipIf((process.env.S2KIT_OFFICIAL_CLI ?? "") === "")(
  "asked in the three cells that have the official command or server (needs S2KIT_OFFICIAL_CLI)",
  () => {
    expect(cellsOfTable()).toHaveLength(4);
  },
);

it("asks for each stated difference, and tells each in the README", async () => {
  expect(unusedDifferences()).toEqual([]);
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const [name, { reason }] of Object.entries(DIFFERENCES))
    expect(readme).toContain(`| ${name} | ${reason} |`);
});
