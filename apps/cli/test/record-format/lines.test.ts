import fc from "fast-check";
import { expect, it } from "vitest";
import { splitLines } from "../../src/record-format/lines.js";

it("splits at LF, drops a CR before it, keeps empty lines and a last line without end", async () => {
  expect(await linesOf(["a\r\nb\n\nc"])).toEqual(["a", "b", "", "c"]);
  expect(await linesOf(["a\n"])).toEqual(["a"]);
  expect(await linesOf([])).toEqual([]);
  expect(await linesOf(["\r", "\n", "x\ry\n"])).toEqual(["", "x\ry"]);
});

it("gives the same lines wherever the chunks are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.filter((b) => b !== 10 && b !== 13)),
      ),
      fc.array(fc.nat(40), { maxLength: 20 }),
      async (lines, cuts) => {
        const whole = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(whole.subarray(at, at + cut));
          at = Math.min(whole.length, at + cut);
        }
        chunks.push(whole.subarray(at));
        const found = await collect(chunks, 1000);
        expect(found.map((line) => [...line])).toEqual(lines.map((line) => [...line]));
      },
    ),
  );
});

it("takes a line of exactly the limit and refuses one byte more, after the lines before it", async () => {
  expect(await linesOf(["x".repeat(10), "\n"], 10)).toEqual(["x".repeat(10)]);
  expect(await linesOf(["x".repeat(10), "\r\n"], 10)).toEqual(["x".repeat(10)]);
  const seen: string[] = [];
  const failing = (async () => {
    for await (const lines of splitLines(sourceOf(["ok\n" + "x".repeat(11) + "\n"]), 10))
      seen.push(...lines.map(String));
  })();
  await expect(failing).rejects.toThrow("line 2 is longer than 10 bytes");
  expect(seen).toEqual(["ok"]);
});

it("stops reading a line without end as soon as it is too long", async () => {
  let pulled = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      pulled++;
      yield await Promise.resolve(Buffer.alloc(1000, 120));
    }
  }
  await expect(collect(endless(), 4000)).rejects.toThrow("longer than 4000 bytes");
  expect(pulled).toBeLessThan(10);
});

async function linesOf(chunks: readonly string[], maxBytes = 1000): Promise<string[]> {
  return (await collect(sourceOf(chunks), maxBytes)).map(String);
}

async function collect(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer[]> {
  const found: Buffer[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const lines of splitLines(source, maxBytes))
    found.push(...lines.map((line) => Buffer.from(line)));
  return found;
}

async function* sourceOf(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}
