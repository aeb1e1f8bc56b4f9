import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { ackOf, inputFrame, openS2s, type S2sExchange } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const basin = "token-ends-basin";
const ROOT = { authorization: "Bearer root-token-of-tests" };
const ENDED = {
  kind: "terminal",
  status: 401,
  json: { code: "authn", message: "access token is revoked or expired" },
};

const open: TestServer[] = [];
afterEach(async () => {
  for (const { server } of open.splice(0)) await server.close();
});

async function start(components = {}): Promise<string> {
  const server = await startServer({ auth: true, rootToken: "root-token-of-tests" }, components);
  open.push(server);
  await call(server.url, "PUT", `/v1/basins/${basin}`, { headers: ROOT });
  await call(server.url, "PUT", "/v1/streams/s", { headers: ROOT, basin });
  return server.url;
}

async function issue(url: string, id: string, more: object = {}): Promise<Record<string, string>> {
  const scope = { basins: { exact: basin }, streams: { prefix: "" }, ops: ["append", "read"] };
  const answer = await call(url, "POST", "/v1/access-tokens", {
    headers: ROOT,
    json: { id, scope, ...more },
  });
  return { authorization: `Bearer ${answer.json.access_token}` };
}

function session(
  url: string,
  method: "GET" | "POST",
  headers: Record<string, string>,
): Promise<S2sExchange> {
  const path = `/v1/streams/s/records${method === "GET" ? "?seq_num=0" : ""}`;
  return openS2s(url, "h2", { method, path, basin, headers });
}

describe("a session whose token is revoked", () => {
  it("ends with 401 after what it had accepted is acknowledged; others go on", async () => {
    const url = await start();
    const going = await issue(url, "going");
    const staying = await issue(url, "staying");
    const writer = await session(url, "POST", going);
    const reader = await session(url, "GET", going);
    const other = await session(url, "POST", staying);
    writer.send(inputFrame(["a"]));
    expect(ackOf(await writer.next()).start.seqNum).toBe(0);
    const revoked = await call(url, "DELETE", "/v1/access-tokens/going", { headers: ROOT });
    expect(revoked.status).toBe(204);
    expect((await writer.rest()).at(-1)).toMatchObject(ENDED);
    expect((await reader.rest()).at(-1)).toMatchObject(ENDED);
    expect((await session(url, "GET", going)).status).toBe(401);
    other.send(inputFrame(["b"]));
    expect(ackOf(await other.next()).start.seqNum).toBe(1);
    other.half();
    expect(await other.rest()).toEqual([]);
  });
});

describe("a session whose token expires", () => {
  it("ends with 401 within about a minute", async () => {
    const clock = createSimulatedClock(Date.now());
    const url = await start({ clock });
    const expiresAt = new Date(clock.now() + 30_000).toISOString();
    const writer = await session(url, "POST", await issue(url, "short", { expires_at: expiresAt }));
    writer.send(inputFrame(["a"]));
    expect(ackOf(await writer.next()).start.seqNum).toBe(0);
    await clock.advanceAsync(120_000);
    expect(await writer.rest()).toMatchObject([ENDED]);
  });
});
