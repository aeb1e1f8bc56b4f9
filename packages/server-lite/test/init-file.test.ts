// The init file reads the resource specs of the golden vectors as `apply` does: what is good stands
// when the server listens, what is bad stops the start and names the place of each mistake.

import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createServer } from "../src/index.js";
import { call, startServer } from "./support/test-server.js";

interface SpecVector {
  readonly id: string;
  readonly meaning: string;
  readonly spec: unknown;
  readonly basins?: readonly {
    readonly name: string;
    readonly config: object;
    readonly streams: readonly { readonly name: string; readonly config: object }[];
  }[];
  readonly mistakes?: readonly string[];
}

const { vectors } = JSON.parse(
  readFileSync(new URL("../../core/fixtures/resource-specs.json", import.meta.url), "utf8"),
) as { vectors: readonly SpecVector[] };

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "s2kit-init-file-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function fileOf(json: unknown): Promise<string> {
  const path = join(directory, "init.json");
  await writeFile(path, JSON.stringify(json));
  return path;
}

test.each(vectors.filter(({ basins }) => basins !== undefined))(
  "$id is made: $meaning",
  async ({ spec, basins = [] }) => {
    const { server, url } = await startServer({ initFile: await fileOf(spec) });
    for (const { name, config, streams } of basins) {
      const basin = await call(url, "GET", `/v1/basins/${name}`);
      expect(basin.status).toBe(200);
      expect(basin.json).toMatchObject(config);
      for (const stream of streams) {
        const { status, json } = await call(url, "GET", `/v1/streams/${stream.name}`, {
          basin: name,
        });
        expect(status).toBe(200);
        expect(json).toMatchObject(stream.config);
      }
    }
    await server.close();
  },
);

test.each(vectors.filter(({ mistakes }) => mistakes !== undefined))(
  "$id stops the start: $meaning",
  async ({ spec, mistakes = [] }) => {
    const server = createServer({ port: 0, initFile: await fileOf(spec) });
    const refused: unknown = await server.listen().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "INVALID_ARGUMENT" });
    for (const field of mistakes)
      expect((refused as Error).message).toMatch(
        new RegExp(`field=${field.replaceAll(/[.[\]]/g, "\\$&")}(;| )`),
      );
    await server.close();
  },
);

test("a file with many mistakes names the first ten and counts the rest", async () => {
  const basins = Array.from({ length: 13 }, (_, i) => ({ name: `x${i}` }));
  const server = createServer({ port: 0, initFile: await fileOf({ basins }) });
  await expect(server.listen()).rejects.toThrow(/field=basins\[9\]\.name; and 3 more path=/);
  await server.close();
});
