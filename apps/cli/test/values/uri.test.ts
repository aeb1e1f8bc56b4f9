import { expect, it } from "vitest";
import { CliError } from "../../src/values/failure.js";
import { parseBasinArgument, parseBasinPrefixUri, parseStreamUri } from "../../src/values/uri.js";

it.each(["my-basin", "s2://my-basin", "s2://my-basin/"])("%s names a basin", (text) => {
  expect(parseBasinArgument(text)).toBe("my-basin");
  expect(parseBasinPrefixUri(text)).toEqual({ basin: "my-basin" });
});

it("takes everything after the first slash as the stream name, without decoding", () => {
  expect(parseStreamUri("s2://my-basin/a/b/c").stream).toBe("a/b/c");
  expect(parseStreamUri("s2://my-basin//x").stream).toBe("/x");
  expect(parseStreamUri("s2://my-basin/a%2Fb?q#f").stream).toBe("a%2Fb?q#f");
  expect(parseStreamUri("s2://my-basin/ü 日本").stream).toBe("ü 日本");
});

it("takes the rest of a listing URI as a prefix", () => {
  expect(parseBasinPrefixUri("s2://my-basin/logs/")).toEqual({
    basin: "my-basin",
    prefix: "logs/",
  });
});

it.each([
  ["my-basin/stream", 'S2 URI must begin with "s2://"'],
  ["my-basin", 'S2 URI must begin with "s2://"'],
  ["http://my-basin/x", 'S2 URI scheme must be "s2://", not "http://"'],
  ["S2://my-basin/x", 'S2 URI scheme must be "s2://", not "S2://"'],
  ["s2://my-basin", "missing stream name in the URI"],
  ["s2://my-basin/", "missing stream name in the URI"],
  ["s2://short/x", "basin name should be at least 8 bytes"],
  ["s2://My-Basin-1/x", "basin name must begin with a lowercase letter"],
  [`s2://my-basin/${"x".repeat(513)}`, "stream name must not exceed 512 bytes"],
  ["s2://my-basin/..", 'stream name must not be "." or ".."'],
])("refuses %s as a stream with a usage error", (text, message) => {
  expect(failureOf(() => parseStreamUri(text))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message) as string,
  });
});

it.each([
  ["s2://my-basin/stream", "only a basin name was expected"],
  ["http://my-basin", 'S2 URI scheme must be "s2://"'],
  ["short", "at least 8 bytes"],
])("refuses %s as a basin with a usage error", (text, message) => {
  expect(failureOf(() => parseBasinArgument(text))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message) as string,
  });
});

function failureOf(action: () => unknown): CliError {
  try {
    action();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error("did not fail");
}
