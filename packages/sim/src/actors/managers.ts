// Those who manage: streams that come and go, configurations that change, tokens that are issued
// and revoked, and clients that vanish in the middle of what they do.

import { AppendRecord, type ReadSession, type S2Stream } from "@s2kit/client";
import { S2Error, sleep } from "@s2kit/core";
import { Violation } from "../oracle/violation.js";
import { type Actor, BASIN, PATIENCE, persist, RETRY_MS } from "./actor.js";
import { appendTo } from "./appenders.js";

/**
 * A session is told of the end of its token at once; its client may still have to notice a dead
 * peer.
 */
const SESSION_END_MS = 180_000;

/** Makes a stream, fills it, deletes it and makes it again under the same name. */
export async function lifecycle(actor: Actor): Promise<void> {
  const basin = actor.client.basin(BASIN);
  const name = `own-${actor.name}`;
  for (let life = 0; life < Math.max(1, actor.settings.steps / 3); life++) {
    await actor.think();
    // Each life is a stream of its own to the oracle: what was deleted must not come back.
    const oracle = actor.world.stream(`${name}#${life}`);
    if (!(await persist(actor, () => basin.streams.ensure({ stream: name })))) return;
    const handle = basin.stream(name);
    for (let batch = actor.integer(0, 3); batch > 0; batch--)
      await appendTo(actor, { handle, oracle }, { bodies: actor.bodies() });
    if (!(await persist(actor, () => readAll(actor, name, oracle.name)))) return;
    if (!(await persist(actor, () => basin.streams.delete({ stream: name, ignoreNotFound: true }))))
      return;
    actor.note(`deleted ${oracle.name}`);
    await untilGone(actor, name);
  }
}

async function readAll(actor: Actor, name: string, oracleName: string): Promise<void> {
  const oracle = actor.world.stream(oracleName);
  const session = await actor.client.basin(BASIN).stream(name).readToTail();
  for await (const record of session) oracle.sawRecord(record, 0);
}

/** Deletion is under way until the name is free. */
async function untilGone(actor: Actor, name: string): Promise<void> {
  const { streams } = actor.client.basin(BASIN);
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    try {
      const { streams: found } = await streams.list({ prefix: name });
      const [own] = found.filter((stream) => stream.name === name);
      if (own === undefined) return;
      if (own.deletedAt === undefined)
        throw new Violation("deleted", `${name} is there again after its deletion`);
    } catch (error) {
      if (!(error instanceof S2Error)) throw error;
    }
    await sleep(actor.world.clock, RETRY_MS);
  }
}

/** Makes a basin with a stream, deletes it with all that is in it, and makes it again. */
export async function basinCycle(actor: Actor): Promise<void> {
  const { basins } = actor.client;
  const name = `own-basin-${actor.name.split(":")[0]}`;
  for (let life = 0; life < Math.max(1, actor.settings.steps / 3); life++) {
    await actor.think();
    const oracle = actor.world.stream(`${name}/s#${life}`);
    const { streams } = actor.client.basin(name);
    if (!(await persist(actor, () => basins.ensure({ basin: name })))) return;
    if (!(await persist(actor, () => streams.ensure({ stream: "s" })))) return;
    const handle = actor.client.basin(name).stream("s");
    for (let batch = actor.integer(1, 3); batch > 0; batch--)
      await appendTo(actor, { handle, oracle }, { bodies: actor.bodies() });
    const isRead = await persist(actor, async () => {
      for await (const record of await handle.readToTail()) oracle.sawRecord(record, 0);
    });
    if (
      !isRead ||
      !(await persist(actor, () => basins.delete({ basin: name, ignoreNotFound: true })))
    )
      return;
    await untilBasinGone(actor, name);
  }
}

async function untilBasinGone(actor: Actor, name: string): Promise<void> {
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    try {
      const { basins } = await actor.client.basins.list({ prefix: name });
      if (!basins.some((basin) => basin.name === name)) return;
    } catch (error) {
      if (!(error instanceof S2Error)) throw error;
    }
    await sleep(actor.world.clock, RETRY_MS);
  }
}

/** Changes how timestamps are taken. */
export async function reconfigurer(actor: Actor): Promise<void> {
  const { streams } = actor.client.basin(BASIN);
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    const stream = actor.pick(actor.settings.streams);
    const mode = actor.pick(["client-prefer", "arrival"] as const);
    await actor.trying(`reconfigure ${stream}`, () =>
      streams.reconfigure({ stream, timestamping: { mode, uncapped: actor.chance(0.5) } }),
    );
  }
}

/** Issues tokens for few things, uses them for more, and revokes them. */
export async function tokenIssuer(actor: Actor): Promise<void> {
  const { accessTokens } = actor.client;
  for (let step = 0; step < actor.settings.steps; step += 2) {
    await actor.think();
    const id = `${actor.name}-${step}`;
    let accessToken: string | undefined;
    const [stream] = actor.settings.streams;
    await actor.trying(`issue ${id}`, async () => {
      const scope = {
        basins: { exact: BASIN },
        streams: { exact: stream as string },
        ops: ["check-tail", "read"] as const,
      };
      ({ accessToken } = await accessTokens.issue({ id, scope }));
    });
    if (accessToken === undefined) continue;
    await useToken(actor, id, accessToken);
  }
}

async function useToken(actor: Actor, id: string, accessToken: string): Promise<void> {
  const client = actor.world.client(id, actor.carrier, accessToken);
  const stream = client.basin(BASIN).stream(actor.settings.streams[0] as string);
  try {
    await allowed(actor, "read by token", () => stream.checkTail());
    await denied(actor, "append by a token for reading", () =>
      stream.append({ records: [AppendRecord.string({ body: "stolen" })] }),
    );
    const session = await openSession(actor, stream);
    const isRevoked = await actor.trying(`revoke ${id}`, () =>
      actor.client.accessTokens.revoke({ id, ignoreNotFound: true }),
    );
    if (isRevoked) {
      await denied(actor, "read by a revoked token", () => stream.checkTail());
      if (session !== undefined) await endsSoon(actor, session);
    }
    await session?.cancel();
  } finally {
    await client.close();
  }
}

async function openSession(actor: Actor, stream: S2Stream): Promise<ReadSession | undefined> {
  let session: ReadSession | undefined;
  await actor.trying("follow by token", async () => {
    session = await stream.readSession({ start: { from: { tailOffset: 0 }, clamp: true } });
  });
  return session;
}

/** A session ends with its token, be it that its connection broke meanwhile. @throws {Violation} */
async function endsSoon(actor: Actor, session: ReadSession): Promise<void> {
  let isOver = false;
  const over = drainQuietly(session).finally(() => {
    isOver = true;
  });
  await Promise.race([over, sleep(actor.world.clock, SESSION_END_MS)]);
  if (!isOver) throw new Violation("authorized", `${actor.name}: a session outlives its token`);
}

async function drainQuietly(session: ReadSession): Promise<void> {
  try {
    for await (const _ of session);
  } catch (error) {
    if (!(error instanceof S2Error)) throw error;
  }
}

const REFUSALS: readonly string[] = ["authn", "permission_denied"];

/** @throws {Violation} when the token is refused */
async function allowed(actor: Actor, what: string, work: () => Promise<unknown>): Promise<void> {
  await actor.trying(what, async () => {
    try {
      await work();
    } catch (error) {
      if (error instanceof S2Error && REFUSALS.includes(error.code))
        throw new Violation("authorized", `${actor.name}: ${what}: ${error.message}`);
      throw error;
    }
  });
}

/** @throws {Violation} when the token is not refused */
async function denied(actor: Actor, what: string, work: () => Promise<unknown>): Promise<void> {
  if (await actor.trying(what, work))
    throw new Violation("authorized", `${actor.name}: ${what} went through`);
}

/** Opens sessions and is gone, at any byte, on any carrier. */
export async function vanisher(actor: Actor): Promise<void> {
  for (let step = 0; step < actor.settings.steps; step += 3) {
    await actor.think();
    const client = actor.world.client(`${actor.name}-${step}`, actor.carrier);
    const { oracle } = actor.stream();
    const handle = client.basin(BASIN).stream(oracle.name);
    const work = actor.chance(0.5)
      ? actor.trying("read and vanish", async () => {
          const session = await handle.readSession({
            start: { from: { tailOffset: 2 }, clamp: true },
          });
          for await (const _ of session) if (actor.chance(0.3)) return;
        })
      : actor.trying("append and vanish", async () => {
          const session = await handle.appendSession();
          const operation = oracle.begin({ actor: actor.name, bodies: actor.bodies(10) });
          const records = operation.bodies.map((body) => AppendRecord.string({ body }));
          try {
            oracle.acked(operation, await (await session.submit({ records })).ack());
          } catch (error) {
            oracle.failed(operation, error);
            throw error;
          }
        });
    await actor.think(30);
    actor.world.network.strikeNewest(
      actor.pick(["reset", "half-open", "mute", "deaf", "end"] as const),
    );
    await actor.think(30);
    await client.close();
    await work;
  }
}
