// Those who write under a key: what they wrote comes back under it, and under no other. Called by
// the stories, as every kind of actor.

import { AppendRecord } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import { Cursor } from "../oracle/cursor.js";
import { Violation } from "../oracle/violation.js";
import { type Actor, persist } from "./actor.js";
import { appendTo } from "./appenders.js";

const KEY_BYTES = 32;

/**
 * Of the two ciphers the one of the platform: the other one is loaded in real time, which no trace
 * can repeat.
 */
const CIPHER = "aes-256-gcm";

/** A basin of one's own with a cipher, a stream in it, and readers with each kind of key. */
export async function sealer(actor: Actor): Promise<void> {
  const basin = `own-basin-${actor.name.split(":")[0]}`;
  const { streams } = actor.client.basin(basin);
  const config = { streamCipher: CIPHER } as const;
  if (!(await persist(actor, () => actor.client.basins.ensure({ basin, config })))) return;
  if (!(await persist(actor, () => streams.ensure({ stream: "s" })))) return;
  const plain = actor.client.basin(basin).stream("s");
  const handle = plain.withEncryptionKey(actor.random.bytes(KEY_BYTES));
  const oracle = actor.world.stream(`${basin}/s`);
  for (let step = 0; step < actor.settings.steps; step++) {
    await actor.think();
    await appendTo(actor, { handle, oracle }, { bodies: actor.bodies() });
    const dice = actor.random.next();
    if (dice < 0.3) await actor.trying("read under its key", readAll);
    else if (dice < 0.5) await opensNothing("decryption_failed", actor.random.bytes(KEY_BYTES));
    else if (dice < 0.7) await opensNothing("bad_header", undefined);
    else if (dice < 0.8)
      await refused(actor, "append without a key", "bad_header", () =>
        plain.append({ records: [AppendRecord.string({ body: "plain" })] }),
      );
  }
  await persist(actor, readAll);

  async function readAll(): Promise<void> {
    const cursor = new Cursor(oracle, `${actor.name} with its key`, 0);
    const { shownTail } = oracle;
    for await (const record of await handle.readToTail()) cursor.take(record);
    if ((cursor.next ?? 0) < shownTail)
      throw new Violation("durable", `${oracle.name} ends at ${cursor.next}, not ${shownTail}`);
  }

  async function opensNothing(code: string, key: Uint8Array | undefined): Promise<void> {
    // An empty stream opens with any key.
    if (oracle.shownTail === 0) return;
    const other = key === undefined ? plain : plain.withEncryptionKey(key);
    await refused(actor, `read for ${code}`, code, () =>
      other.read({ start: { from: { seqNum: 0 } } }),
    );
  }
}

/** @throws {Violation} when it is answered with anything else than its refusal */
async function refused(
  actor: Actor,
  what: string,
  code: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const isDone = await actor.trying(what, async () => {
    try {
      await work();
    } catch (error) {
      if (error instanceof S2Error && isVerdict(error) && error.code !== code)
        throw new Violation("sealed", `${actor.name}: ${what}: ${error.code} ${error.message}`);
      throw error;
    }
  });
  if (isDone) throw new Violation("sealed", `${actor.name}: ${what} went through`);
}

/** The server says what is wrong with the request, not that it cannot answer now. */
function isVerdict({ status }: S2Error): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
