// What is no option is named, with the nearest that is one.

import { describe, expect, it } from "vitest";
import { kindOf, requireKnownOptions } from "../src/known-options.js";

const KNOWN = ["accessToken", "retry", "as"];

describe("an object of options", () => {
  it("names what does not exist, and what was meant", () => {
    for (const [given, hint] of [
      [{ acessToken: 1 }, "did you mean accessToken? option=acessToken"],
      [{ token: 1 }, "did you mean accessToken?"],
      [{ ownRetry: 1 }, "did you mean retry?"],
      [{ somethingElse: 1 }, "it has accessToken, retry, as option=somethingElse"],
      [["accessToken"], "must be an object of options given=array"],
      ["accessToken", "must be an object of options given=string"],
    ] as const)
      expect(() => requireKnownOptions(given, KNOWN, "Options")).toThrow(hint);
  });

  it("may have any of those that exist, or be none", () => {
    for (const given of [{ accessToken: 1, retry: undefined, as: null }, {}, null, undefined])
      expect(() => requireKnownOptions(given, KNOWN, "Options")).not.toThrow();
    expect([null, [], 1].map(kindOf)).toEqual(["null", "array", "number"]);
  });
});
