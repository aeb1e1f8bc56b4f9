// The promise of a durable store: what was acknowledged is there after kill -9. The built command
// line serves a disk directory, is killed in the middle of appends and started again on the same
// directory; then every acknowledged record must be there, in place, once. On a bucket nothing of
// the machine is left: its files go with each kill.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type PlaceOfSuite, placeOfSuite } from "@s2kit/bucket/suite";
import { AppendInput, AppendRecord, S2 } from "@s2kit/client";
import { expect, it } from "vitest";
import { type RunningCommand, startCommand, temporaryDirectory } from "./harness/command.js";

const ROUNDS = 4;
const BASIN = "kill-basin";
const PATIENCE_MS = 20_000;

it("keeps every acknowledged record through kill -9 during appends", {
  timeout: 120_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const home = join(directory.path, "home");
  const place = placeOfSuite();
  /** Body of each acknowledged record by sequence number. */
  const acked = new Map<number, string>();
  for (let round = 0; round < ROUNDS; round++) {
    const server = await serve(home, place);
    const { url } = server;
    const s2 = new S2({
      accessToken: "ignored",
      endpoints: { account: url, basin: url },
      retry: { maxAttempts: 1 },
    });
    if (round === 0)
      await s2.basins.create({ basin: BASIN, config: { createStreamOnAppend: true } });
    await within("verification", verifyAll(s2, acked));
    await within(
      "append until killed",
      appendUntilKilled(s2, round, acked, () => server.child.kill("SIGKILL")),
    );
    // Whatever the client does, the server goes.
    server.child.kill("SIGKILL");
    expect((await within("end of the server", server.ended)).signal).toBe("SIGKILL");
    if (place !== undefined) await rm(home, { recursive: true });
    await within("close of the client", s2.close()).catch(() => {});
  }
  const last = await serve(home, place);
  const { url } = last;
  const s2 = new S2({ accessToken: "ignored", endpoints: { account: url, basin: url } });
  await within("last verification", verifyAll(s2, acked));
  expect(acked.size).toBeGreaterThan(ROUNDS * 100);
  await within("close of the client", s2.close());
  last.child.kill("SIGTERM");
  expect((await within("drain of the server", last.ended)).code).toBe(0);
});

/** Over a directory, or over the bucket of the suite; its files are in `home`. */
async function serve(
  home: string,
  place: PlaceOfSuite | undefined,
): Promise<RunningCommand & { readonly url: string }> {
  await mkdir(home, { recursive: true });
  const { args, env } = place ?? { args: ["--local-root", join(home, "data")], env: {} };
  const scratch = place === undefined ? [] : ["--bucket-scratch", home];
  const told = ["lite", "--port", "0", ...args, ...scratch, "--json", "--log-format", "none"];
  const server = startCommand(told, home, env);
  const [line] = await server.until(/^\{.*\}$/m);
  return { ...server, url: (JSON.parse(line) as { url: string }).url };
}

/** A wait that has an end, so that a test says what hung instead of running into its timeout. */
async function within<T>(what: string, waiting: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took too long: ${what}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([waiting, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Appends without pause, notes what was acknowledged, kills when enough is in flight. */
async function appendUntilKilled(
  s2: S2,
  round: number,
  acked: Map<number, string>,
  kill: () => void,
): Promise<void> {
  const session = await s2.basin(BASIN).stream("log").appendSession();
  const acks: Promise<void>[] = [];
  let ackedBatches = 0;
  for (let batch = 0; batch < 10_000; batch++) {
    const bodies = Array.from(
      { length: 10 },
      (_, i) => `round ${round} batch ${batch} record ${i}`,
    );
    try {
      const ticket = await session.submit(
        AppendInput.create(bodies.map((body) => AppendRecord.string({ body }))),
      );
      acks.push(
        ticket.ack().then(
          ({ start }) => {
            for (const [i, body] of bodies.entries()) acked.set(start.seqNum + i, body);
            if (++ackedBatches === 20 + round) kill();
          },
          () => {},
        ),
      );
    } catch {
      break;
    }
  }
  await Promise.all(acks);
  session.abort();
}

async function verifyAll(s2: S2, acked: ReadonlyMap<number, string>): Promise<void> {
  if (acked.size === 0) return;
  const found = new Map<number, string>();
  const stream = s2.basin(BASIN).stream("log");
  const { tail } = await stream.checkTail();
  const session = await stream.readSession({
    start: { from: { seqNum: 0 } },
    stop: { limits: { count: tail.seqNum } },
  });
  // One plain comparison a record: there are hundreds of thousands of them.
  let isDense = true;
  for await (const { seqNum, body } of session) {
    isDense &&= seqNum === found.size;
    found.set(seqNum, body);
  }
  expect(isDense).toBe(true);
  const lost = [...acked].filter(([seqNum, body]) => found.get(seqNum) !== body);
  expect(lost).toEqual([]);
}
