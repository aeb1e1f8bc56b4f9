// Runs where Node's modules may be missing: the client alone, against the server that the argument names.

import { S2 } from "@s2kit/client";

const url = globalThis.Deno?.args[0] ?? process.argv[2];
const s2 = new S2({ accessToken: "any", endpoints: { account: url, basin: url } });
await s2.basins.ensure({ basin: "other-runtime", config: { createStreamOnAppend: true } });
const stream = s2.basin("other-runtime").stream(crypto.randomUUID());
const session = await stream.appendSession();
await (await session.submit({ records: [{ body: "followed" }] })).ack();
await session.close();
for await (const { body } of await stream.readSession({ start: { from: { seqNum: 0 } } })) {
  console.log(`read ${body}`);
  break;
}
await s2.close();
