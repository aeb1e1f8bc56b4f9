import { describe, expect, it } from "vitest";
import { createCredentials } from "../../../../src/storage/object/client/credentials/credentials.js";
import {
  EMPTY_PAYLOAD_HASH,
  payloadHashOf,
  signRequest,
  UNSIGNED_PAYLOAD,
} from "../../../../src/storage/object/client/s3/sign-request.js";
import { type Account, refuse } from "../../../support/bucket-double/signature.js";

// The examples that AWS publishes with its description of the signature.
const EXAMPLE = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const AT = Date.UTC(2013, 4, 24);
const HOST = "examplebucket.s3.amazonaws.com";
const accounts = new Map<string, Account>([
  [EXAMPLE.accessKeyId, { secretAccessKey: EXAMPLE.secretAccessKey }],
]);
const bytes = new TextEncoder().encode("Welcome to Amazon S3.");

const examples = [
  {
    title: "a PUT with headers of its own",
    method: "PUT",
    path: "/test%24file.text",
    headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
    payloadHash: payloadHashOf([bytes.subarray(0, 7), bytes.subarray(7)]),
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    title: "a query without a value",
    method: "GET",
    path: "/?lifecycle",
    headers: {},
    payloadHash: EMPTY_PAYLOAD_HASH,
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  {
    title: "a listing",
    method: "GET",
    path: "/?max-keys=2&prefix=J",
    headers: {},
    payloadHash: EMPTY_PAYLOAD_HASH,
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
] as const;

/** Signed at the time of the examples. */
function sign(
  request: {
    method: "GET" | "PUT";
    path: string;
    headers?: Record<string, string>;
    payloadHash?: string;
  },
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = EXAMPLE,
): Record<string, string> {
  const { headers = {}, payloadHash = EMPTY_PAYLOAD_HASH } = request;
  return signRequest(
    { ...request, headers, payloadHash, host: HOST, region: "us-east-1" },
    createCredentials(credentials),
    AT,
  );
}

/** As it reaches a store: by lower-case names. */
function arrived(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

describe("a signed request", () => {
  it.each(examples)("has the signature that AWS publishes: $title", ({ signature, ...request }) => {
    const headers = arrived(sign(request));
    expect(headers["authorization"]).toContain(`Signature=${signature}`);
    expect(headers["authorization"]).toContain(
      "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
    );
  });

  it("carries the token of a session, signed, and not the secret", () => {
    const headers = arrived(
      sign({ method: "GET", path: "/a" }, { ...EXAMPLE, sessionToken: "a token" }),
    );
    expect(headers["x-amz-security-token"]).toBe("a token");
    expect(headers["authorization"]).toContain("x-amz-security-token");
    expect(JSON.stringify(headers)).not.toContain(EXAMPLE.secretAccessKey);
  });
});

describe("the double's own computation", () => {
  const verify = (
    request: { method: string; path: string },
    headers: Record<string, string>,
    body = new Uint8Array(0),
  ) =>
    refuse(
      { method: request.method, url: request.path, headers: arrived(headers), body },
      accounts,
      "us-east-1",
      AT,
    );

  it("agrees with the example of AWS that signs a range", () => {
    const headers = {
      host: HOST,
      range: "bytes=0-9",
      "x-amz-content-sha256": EMPTY_PAYLOAD_HASH,
      "x-amz-date": "20130524T000000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    };
    expect(verify({ method: "GET", path: "/test.txt" }, headers)).toBeUndefined();
    expect(verify({ method: "GET", path: "/test.tx" }, headers)?.code).toBe(
      "SignatureDoesNotMatch",
    );
  });

  it.each([
    "/bucket/a",
    "/bucket/with%20space/and%2Bplus/%C3%A4%E2%82%AC/%21%27%28%29%2A/%3F%26%3D",
    "/bucket//double/",
    "/bucket/a/./../b",
    "/bucket/?list-type=2&prefix=a%2Fb%20c&continuation-token=1%2B%2F%3D",
    "/bucket/?delete=",
  ])("accepts what the client signs: %s", (path) => {
    expect(verify({ method: "GET", path }, sign({ method: "GET", path }))).toBeUndefined();
  });

  it("refuses a body that the signature does not cover, unless it was left open", () => {
    const request = { method: "PUT", path: "/bucket/a" } as const;
    const signed = sign({ ...request, payloadHash: payloadHashOf([bytes]) });
    expect(verify(request, signed, bytes)).toBeUndefined();
    expect(verify(request, signed, bytes.subarray(1))?.code).toBe("XAmzContentSHA256Mismatch");
    const open = sign({ ...request, payloadHash: UNSIGNED_PAYLOAD });
    expect(verify(request, open, bytes)).toBeUndefined();
  });

  it("refuses a header that came without being signed", () => {
    const headers = sign({ method: "GET", path: "/bucket/a" });
    expect(
      verify({ method: "GET", path: "/bucket/a" }, { ...headers, "x-amz-acl": "public-read" })
        ?.code,
    ).toBe("AccessDenied");
  });
});
