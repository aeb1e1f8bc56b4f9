import { describe, expect, it } from "vitest";
import {
  addressOf,
  bucketPath,
  objectPath,
} from "../../../../src/storage/object/client/s3/s3-address.js";
import { resolveS3 } from "../../../../src/storage/object/client/s3/s3-settings.js";

const aws = (bucket: string) => addressOf(resolveS3({ bucket }, { AWS_REGION: "eu-west-1" }));

describe("where a bucket is", () => {
  it("is in a host of its own at AWS, over TLS, with open payload", () => {
    const settings = resolveS3({ bucket: "logs", prefix: "/a/b/" }, { AWS_REGION: "eu-west-1" });
    expect(settings).toMatchObject({
      prefix: "a/b/",
      payload: "unsigned",
      addressing: "virtual-hosted",
      precondition: "if-none-match",
    });
    expect(aws("logs")).toMatchObject({ host: "logs.s3.eu-west-1.amazonaws.com", bucketPath: "" });
    expect(aws("logs").origin.href).toBe("https://logs.s3.eu-west-1.amazonaws.com/");
  });

  it("is in the path where the certificate would not fit, and at other stores", () => {
    expect(aws("my.logs")).toMatchObject({
      host: "s3.eu-west-1.amazonaws.com",
      bucketPath: "/my.logs",
    });
    const own = resolveS3({ bucket: "logs" }, { AWS_ENDPOINT_URL: "http://[::1]:9000/s3/" });
    expect(own).toMatchObject({ region: "us-east-1", payload: "signed", basePath: "/s3" });
    expect(addressOf(own)).toMatchObject({ host: "[::1]:9000", bucketPath: "/s3/logs" });
  });

  it("is told by options before the service's variable, the general one, and the profile", () => {
    const hostOf = (option?: string, s3?: string, general?: string): string =>
      resolveS3(
        { bucket: "logs", endpoint: option },
        { AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL: general },
        { endpoint: "http://profile" },
      ).origin.host;
    expect(hostOf("http://option", "http://service", "http://general")).toBe("option");
    expect(hostOf(undefined, "http://service", "http://general")).toBe("service");
    expect(hostOf(undefined, "", "http://general")).toBe("general");
    expect(hostOf()).toBe("profile");
  });

  it("speaks Google's precondition to Google", () => {
    const google = resolveS3({ bucket: "logs", endpoint: "https://storage.googleapis.com" }, {});
    expect(google).toMatchObject({ precondition: "generation-match", addressing: "path" });
  });

  it.each([
    [{ bucket: "a/b" }, {}, "not the name of a bucket"],
    [{ bucket: "logs--use1-az4--x-s3" }, {}, "S3 Express"],
    [{ bucket: "logs" }, {}, "set AWS_REGION"],
    [{ bucket: "logs", endpoint: "localhost:9000" }, {}, "http(s)://HOST"],
    [{ bucket: "logs", endpoint: "not a url" }, {}, "not a URL"],
    [{ bucket: "logs", endpoint: "http://a?b" }, {}, "http(s)://HOST"],
    [{ bucket: "logs", prefix: "a//b" }, { AWS_REGION: "x" }, "a prefix is"],
    [{ bucket: "logs", prefix: "a/../b" }, { AWS_REGION: "x" }, "a prefix is"],
    [{ bucket: "logs", endpoint: "http://a", payload: "unsigned" }, {}, "without TLS"],
  ] as const)("refuses %j with a reason", (options, environment, reason) => {
    expect(() => resolveS3(options, environment)).toThrow(reason);
  });

  it("tells nothing of an endpoint that holds a password", () => {
    const endpoint = "https://user:hidden@host";
    const refuse = () => resolveS3({ bucket: "logs", endpoint }, {});
    expect(refuse).toThrow("holds no credentials");
    expect(refuse).not.toThrow("hidden");
  });
});

describe("the path of an object", () => {
  it("escapes all that is not unreserved, and no slash", () => {
    const address = aws("logs");
    expect(objectPath(address, "a b/+ä!'()*~-_.")).toBe("/a%20b/%2B%C3%A4%21%27%28%29%2A~-_.");
    expect(bucketPath(address, { prefix: "a/b", delete: "" })).toBe("/?prefix=a%2Fb&delete=");
  });
});
