// Both faces of the client show the same names, at run time too. Numbers in comments are recorded defects
// in tests/sdk/test/defects.test.ts.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as web from "../src/index.js";
import * as node from "../src/index.node.js";
import { CLIENT_VERSION } from "../src/node/s2-node.js";
import { closing, peer } from "./harness/client.js";

describe("the faces of the client", () => {
  it("show the same values, classes among them (46)", () => {
    expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort());
    expect(node.BatchSubmitTicket).toBeTypeOf("function");
  });

  it("know their version", () => {
    const manifest = JSON.parse(
      readFileSync(new URL("../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(CLIENT_VERSION).toBe(manifest.version);
  });

  it("manage accounts alike, though the web loads that with the first call", async () => {
    const server = await peer();
    server.always((exchange) =>
      exchange.json(200, { access_tokens: [{ id: "t", scope: {} }], has_more: false }),
    );
    const endpoints = { account: server.url, basin: server.url };
    for (const { S2 } of [web, node]) {
      const s2 = closing(new S2({ accessToken: "t", endpoints }));
      expect((await s2.accessTokens.list()).accessTokens[0]?.id).toBe("t");
      expect(await s2.accessTokens.listAll().toArray()).toHaveLength(1);
      const ids: string[] = [];
      for await (const { id } of s2.accessTokens.listAll()) ids.push(id);
      for await (const page of s2.accessTokens.listAll().pages())
        ids.push(...page.map(({ id }) => id));
      expect(ids).toEqual(["t", "t"]);
      await expect(s2.locations.setDefault({ location: "" })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
      await expect(s2.metrics.basin({ set: "storage", basin: "x" })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    }
  });

  it("have the same methods in every manager, whenever it is loaded", () => {
    const [late, early] = [web, node].map(({ S2 }) => {
      const s2 = closing(new S2({ accessToken: "t" }));
      const { basins, accessTokens, locations, metrics } = s2;
      return [basins, accessTokens, locations, metrics, s2.basin("a-basin-name").streams];
    }) as [object[], object[]];
    for (const [index, manager] of early.entries()) {
      const names = Object.getOwnPropertyNames(Object.getPrototypeOf(manager));
      const methods = names.filter((name) => name !== "constructor").toSorted();
      expect(methods.length).toBeGreaterThan(2);
      expect(Object.keys(late[index] as object).toSorted()).toEqual(methods);
    }
  });

  it("manage the streams of a basin alike", async () => {
    const server = await peer();
    server.always((exchange) =>
      exchange.json(200, {
        streams: [{ name: "s", created_at: "2026-01-01T00:00:00Z", deleted_at: null }],
        has_more: false,
      }),
    );
    const endpoints = { account: server.url, basin: server.url };
    for (const { S2 } of [web, node]) {
      const { streams } = closing(new S2({ accessToken: "t", endpoints })).basin("a-basin-name");
      expect((await streams.listAll().toArray()).map(({ name }) => name)).toEqual(["s"]);
      await expect(streams.create({ stream: "" })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    }
  });

  it("refuse at once what the web cannot do", async () => {
    expect(() => new web.S2({ accessToken: "t", compression: "gzip" })).toThrow("compression");
    const s2 = new web.S2({ accessToken: "t", transport: "s2s" });
    await expect(s2.basin("test-basin").stream("s").appendSession()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});
