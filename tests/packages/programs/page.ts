// A page of a stranger: appends and follows, by the client that Vite bundled for it.

import { S2 } from "@s2kit/client";

async function roundTrip(url: string): Promise<string> {
  const s2 = new S2({ accessToken: "any", endpoints: { account: url, basin: url } });
  await s2.basins.ensure({ basin: "page-basin", config: { createStreamOnAppend: true } });
  const stream = s2.basin("page-basin").stream("first");
  await stream.append([{ body: "from a page" }]);
  for await (const { body } of await stream.readSession({ start: { from: { seqNum: 0 } } })) {
    await s2.close();
    return body;
  }
  return "nothing";
}

Object.assign(globalThis, { roundTrip });
