// Read tickets on real sockets: what is asked for, and the URL that a page gets.

import { describe, expect, it } from "vitest";
import { client, failureOf, peer } from "../harness/client.js";

const TICKET = { ticket: "s2kt_a-b_c", expires_at: "2026-11-29T12:00:00.000Z" };

describe("a read ticket", () => {
  it("is asked for by one request, and comes with the whole URL", async () => {
    const server = await peer();
    const bodies: string[] = [];
    server.next(async (exchange) => {
      bodies.push(Buffer.from(await exchange.body()).toString());
      exchange.json(201, TICKET);
    });
    const { streams } = client(server.url).basin("test-basin");
    const issued = await streams.issueReadTicket({
      stream: "a/b?c",
      expiresInSecs: 60,
      read: { start: { from: { seqNum: 7 }, clamp: true }, stop: { limits: { count: 9 } } },
      format: "base64",
    });
    expect(server.requests).toMatchObject([
      { method: "POST", path: "/v1/streams/a%2Fb%3Fc/tickets" },
    ]);
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([{ expires_in_secs: 60 }]);
    expect(issued).toMatchObject({
      ticket: TICKET.ticket,
      expiresAt: new Date(TICKET.expires_at),
    });
    const url = new URL(issued.url);
    expect(url.origin + url.pathname).toBe(`${server.url}/v1/streams/a%2Fb%3Fc/records`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      seq_num: "7",
      clamp: "true",
      count: "9",
      format: "base64",
      basin: "test-basin",
      ticket: TICKET.ticket,
    });
  });

  it("is for what a read may be asked for, and nothing is sent otherwise", async () => {
    const server = await peer();
    const { streams } = client(server.url).basin("test-basin");
    for (const wrong of [
      { stream: "" },
      { stream: "s", format: "hex" },
      { stream: "s", read: { start: { from: { seqNum: -1 } } } },
      { stream: "s", expiresSecs: 5 },
    ])
      expect(await failureOf(streams.issueReadTicket(wrong as never))).toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    expect(server.requests).toEqual([]);
  });

  it("is not offered by every server, which the failure says", async () => {
    const server = await peer();
    server.next((exchange) => exchange.json(404, { code: "not_found", message: "no such route" }));
    const { streams } = client(server.url).basin("test-basin");
    expect(await failureOf(streams.issueReadTicket({ stream: "s" }))).toMatchObject({
      code: "not_found",
      status: 404,
    });
  });
});
