// Sessions of encrypted streams, for each cipher: the key in their head, followers with keys of
// their own. Cases of the suite in encryption.ts. Spec: data-plane#encryption.

import { type Case, define } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, status } from "../../expect.js";
import type { Session } from "../../probe/session.js";
import type { Context } from "../../run/context.js";
import { CIPHERS, type Cipher, KEY, keyed, OTHER, secret } from "./encrypted-stream.js";

async function followersWithKeys(context: Context, cipher: Cipher): Promise<void> {
  const stream = await secret(context, cipher);
  const follow = async (key: string): Promise<Session> => {
    const session = await stream.open("read", "h1", "seq_num=0", { "s2-encryption-key": key });
    equal((await session.batch()).records, [], "a heartbeat: it stands at the tail");
    return session;
  };
  const [mine, also, other] = [await follow(KEY), await follow(KEY), await follow(OTHER)];
  status(await stream.post({ records: [{ body: "live" }] }, keyed(KEY)), 200);
  for (const session of [mine, also])
    equal((await session.batch()).records[0]?.body, "live", "live, with the key");
  const end = await other.terminal();
  equal(
    [end.status, (end.json as { code: string }).code],
    [400, "decryption_failed"],
    "live, with another key",
  );
}

async function keyOfASession(context: Context, cipher: Cipher): Promise<void> {
  const stream = await secret(context, cipher);
  const headers = { "s2-encryption-key": KEY };
  const writer = await stream.open("append", "h1", "", headers);
  // A fence as its very first record.
  writer.send(frameOf(encodeInput({ records: [{ headers: [["", "fence"]], body: "w" }] })));
  const body = "x".repeat(20_000);
  writer.send(frameOf(encodeInput({ records: [{ body }], fencingToken: "w" })));
  equal([(await writer.ack()).end.seq_num, (await writer.ack()).end.seq_num], [1, 2], "acks");
  const reader = await stream.open("read", "h1", "seq_num=0&count=2", headers);
  const read = (await reader.batch()).records.map((record) => record.body);
  if (read.length < 2) read.push((await reader.batch()).records[0]?.body ?? "");
  equal(read, ["w", body], "records");
  for (const mode of ["append", "read"] as const) {
    const { refusal } = await stream.open(mode, "h1");
    equal([refusal?.status, refusal?.json.code], [400, "bad_header"], `${mode} without a key`);
  }
}

export const ENCRYPTION_SESSIONS: readonly Case[] = CIPHERS.flatMap((cipher) => [
  define(
    `followers-${cipher}`,
    "d#encryption d#following",
    `${cipher}: live records open for each follower with its own key`,
    (context) => followersWithKeys(context, cipher),
    { needs: ["encryption"] },
  ),
  define(
    `sessions-${cipher}`,
    "d#encryption d#append-session d#read-session",
    `${cipher}: sessions take the key in their head, and are refused without one`,
    (context) => keyOfASession(context, cipher),
    { needs: ["encryption"] },
  ),
]);
