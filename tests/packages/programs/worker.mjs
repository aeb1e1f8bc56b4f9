// A worker at the edge: each request appends and follows, at the server that its query names.

import { S2 } from "@s2kit/client";

// oxlint-disable-next-line import/no-default-export -- what workerd calls
export default {
  async fetch(request) {
    const url = new URL(request.url).searchParams.get("server");
    const s2 = new S2({ accessToken: "any", endpoints: { account: url, basin: url } });
    await s2.basins.ensure({ basin: "edge-basin", config: { createStreamOnAppend: true } });
    const stream = s2.basin("edge-basin").stream("first");
    await stream.append([{ body: "from the edge" }]);
    for await (const { body } of await stream.readSession({ start: { from: { seqNum: 0 } } })) {
      await s2.close();
      return new Response(body);
    }
    return new Response("nothing", { status: 500 });
  },
};
