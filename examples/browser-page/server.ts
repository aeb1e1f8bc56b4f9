// The backend of the page: a server with tokens, a token for whoever opens the page, and the files of the page.
// `node server.ts`, then open the address that it prints.

import { readFile } from "node:fs/promises";
import * as http from "node:http";
import { fileURLToPath } from "node:url";
import { S2 } from "@s2kit/client";
import { createServer } from "@s2kit/server-lite";

const rootToken = process.env["S2KIT_ROOT_TOKEN"] ?? crypto.randomUUID();
const store = createServer({ port: 0, auth: true, rootToken });
const { url } = await store.listen();
const s2 = new S2({ accessToken: rootToken, endpoints: url });
await s2.basins.ensure({ basin: "example-rooms", config: { createStreamOnAppend: true } });

// #region token
/** What a page may do: append to and read one room, for an hour. Nothing else, whoever has the token. */
async function tokenFor(room: string): Promise<object> {
  const expiresAt = Date.now() + 60 * 60 * 1000;
  const { accessToken } = await s2.accessTokens.issue({
    id: `page/${crypto.randomUUID()}`,
    scope: {
      basins: { exact: "example-rooms" },
      streams: { exact: room },
      ops: ["append", "read", "check-tail"],
    },
    expiresAt,
  });
  return { accessToken, endpoint: url, room };
}
// #endregion

/** Packages of the page, found as Node finds them: no bundler. Yours will have one. */
const PACKAGES: Readonly<Record<string, string>> = {
  "/client/": fileURLToPath(new URL("node_modules/@s2kit/client/dist/", import.meta.url)),
  "/core/": fileURLToPath(new URL("node_modules/@s2kit/core/dist/", import.meta.url)),
};

async function answer(path: string): Promise<[type: string, body: string | Buffer]> {
  if (path === "/token") return ["application/json", JSON.stringify(await tokenFor("lobby"))];
  if (path === "/") return ["text/html", await readFile(new URL("page.html", import.meta.url))];
  const [, prefix = "", file = ""] = /^(\/\w+\/)((?:[\w-]+\/)*[\w.-]+\.js)$/.exec(path) ?? [];
  const folder = PACKAGES[prefix];
  if (folder === undefined) throw new Error("no such page");
  return ["text/javascript", await readFile(folder + file)];
}

const site = http.createServer((request, response) => {
  answer(new URL(request.url ?? "/", "http://localhost").pathname).then(
    ([type, body]) => response.writeHead(200, { "content-type": type }).end(body),
    () => response.writeHead(404).end(),
  );
});
site.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  const address = site.address();
  if (typeof address === "object") console.log(`open http://127.0.0.1:${address?.port}`);
});

process.once("SIGTERM", () => {
  site.close();
  site.closeAllConnections();
  void s2.close().then(() => store.close());
});
