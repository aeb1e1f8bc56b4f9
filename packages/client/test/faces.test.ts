// Both faces of the client show the same names, at run time too. Numbers in comments are recorded defects
// of SDK section 13.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as web from "../src/index.js";
import * as node from "../src/index.node.js";
import { CLIENT_VERSION } from "../src/node/s2-node.js";

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

  it("refuse at once what the web cannot do", async () => {
    expect(() => new web.S2({ accessToken: "t", compression: "gzip" })).toThrow("compression");
    const s2 = new web.S2({ accessToken: "t", transport: "s2s" });
    await expect(s2.basin("test-basin").stream("s").appendSession()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});
