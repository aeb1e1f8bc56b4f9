// The grammar of endpoint templates. Numbers in comments are recorded defects in tests/sdk/test/defects.test.ts.

import { parseBasinName } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { S2Endpoints } from "../../src/input/endpoints.js";

const BASIN = parseBasinName("my-basin");

describe("endpoints", () => {
  it.each([
    ["a.example.com", "https://a.example.com/v1"],
    ["a.example.com:9000", "https://a.example.com:9000/v1"],
    ["HTTP://A.example.com", "http://a.example.com/v1"],
    ["https://a.example.com/", "https://a.example.com"],
    ["https://a.example.com/base/", "https://a.example.com/base"],
    ["localhost:8080", "http://localhost:8080/v1"],
    ["127.0.0.2", "http://127.0.0.2/v1"],
    ["[::1]:8080", "http://[::1]:8080/v1"],
    ["[2001:db8::1]", "https://[2001:db8::1]/v1"],
    ["  https://a.example.com  ", "https://a.example.com/v1"],
  ])("reads %s as %s", (template, url) => {
    expect(new S2Endpoints({ account: template }).accountUrl()).toBe(url);
  });

  it.each([
    ["{basin}.b.example.com", "https://my-basin.b.example.com/v1"],
    ["http://host:1234/x/{basin}/v1", "http://host:1234/x/my-basin/v1"],
    ["cell.example.com", "https://cell.example.com/v1"],
  ])("fills in the basin of %s", (template, url) => {
    expect(new S2Endpoints({ basin: template }).basinUrl(BASIN)).toBe(url);
  });

  it.each([
    ["", "empty"],
    ["https://a.example.com/v1?x=1", "query"], // 35
    ["https://a.example.com/v1#x", "fragment"], // 35
    ["https://user:secret@a.example.com", "user information"],
    ["ftp://a.example.com", "scheme"],
    ["https://{basin}.example.com", "{basin}"],
    ["https://a.example.com:99999", "host"],
    ["https://", "host"],
    ["https://{other}.example.com", "host"],
  ])("refuses the account endpoint %j (35)", (template, why) => {
    const make = (): unknown => new S2Endpoints({ account: template });
    expect(make).toThrow(why);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error);
    try {
      make();
    } catch (error) {
      expect(String(error)).not.toContain("secret");
    }
  });

  it("uses the public service by default and marks only given basin endpoints", () => {
    const none = new S2Endpoints();
    expect(none.accountUrl()).toBe("https://a.s2.dev/v1");
    expect(none.basinUrl(BASIN)).toBe("https://my-basin.b.s2.dev/v1");
    expect(none.isBasinExplicit).toBe(false);
    expect(S2Endpoints.forEndpoint("localhost:1").isBasinExplicit).toBe(true);
  });
});
