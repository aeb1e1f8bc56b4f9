import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { systemClock } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import {
  type ObjectFailure,
  ObjectStoreError,
} from "../../../../src/storage/object/client/object-store.js";
import { failureOf } from "../../../../src/storage/object/client/s3/s3-answer.js";
import { SendError, Sender } from "../../../../src/storage/object/client/wire/send.js";
import { KEYS } from "../../../support/bucket-double/double.js";
import type { Fault } from "../../../support/bucket-double/faults.js";
import { bytesOf, openHarness, textOf } from "./bucket-harness.js";

async function failureOfCall(call: Promise<unknown>): Promise<ObjectStoreError> {
  const error: unknown = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ObjectStoreError);
  return error as ObjectStoreError;
}

describe("an answer that grants nothing", () => {
  it.each<[number, string, ObjectFailure]>([
    [400, "InvalidArgument", "rejected"],
    [400, "ExpiredToken", "denied"],
    [400, "InvalidToken", "denied"],
    [400, "RequestTimeout", "unknown"],
    [400, "BadDigest", "unknown"],
    [401, "", "denied"],
    [403, "AccessDenied", "denied"],
    [403, "SignatureDoesNotMatch", "denied"],
    [403, "RequestTimeTooSkewed", "clock"],
    [404, "NoSuchBucket", "noBucket"],
    [405, "MethodNotAllowed", "rejected"],
    [408, "", "unknown"],
    [409, "ConditionalRequestConflict", "unknown"],
    [429, "TooManyRequests", "busy"],
    [500, "InternalError", "unknown"],
    [501, "NotImplemented", "rejected"],
    [502, "", "unknown"],
    [503, "SlowDown", "busy"],
    [503, "", "busy"],
    [504, "", "unknown"],
    [507, "", "busy"],
    [301, "PermanentRedirect", "rejected"],
    [418, "toString", "rejected"],
  ])("of status %i and code %s is %s", (status, code, failure) => {
    expect(failureOf(status, code)).toBe(failure);
  });

  it.each<[string, Fault, ObjectFailure, RegExp]>([
    [
      "a conflict",
      { kind: "refused", status: 409, code: "ConditionalRequestConflict" },
      "unknown",
      /409, ConditionalRequestConflict/,
    ],
    [
      "a request to slow down",
      { kind: "refused", status: 503, code: "SlowDown" },
      "busy",
      /SlowDown/,
    ],
    [
      "a bucket that is gone",
      { kind: "refused", status: 404, code: "NoSuchBucket" },
      "noBucket",
      /NoSuchBucket/,
    ],
    [
      "a 404 of a proxy",
      { kind: "stranger", status: 404, body: "<html>not found</html>" },
      "rejected",
      /status 404$/,
    ],
    [
      "a region elsewhere",
      {
        kind: "refused",
        status: 301,
        code: "PermanentRedirect",
        headers: { "x-amz-bucket-region": "eu-west-1" },
      },
      "rejected",
      /set AWS_REGION=eu-west-1/,
    ],
    [
      "a redirect",
      {
        kind: "refused",
        status: 307,
        code: "TemporaryRedirect",
        headers: { location: "http://127.0.0.1:1/" },
      },
      "rejected",
      /is the endpoint the one of this bucket/,
    ],
  ])("is told of all operations alike: %s", async (_, fault, failure, words) => {
    await using harness = await openHarness();
    const { store, double } = harness;
    double.plan = () => fault;
    const calls = {
      "PUT k": () => store.putIfAbsent("k", [bytesOf("a")]),
      "GET k": () => store.get("k"),
      "LIST k": () => store.list("k"),
      "DELETE k": () => store.delete(["k"]),
      "DELETE k and 1 more": () => store.delete(["k", "l"]),
    };
    for (const [what, call] of Object.entries(calls)) {
      const error = await failureOfCall(call());
      expect(error.failure).toBe(failure);
      expect(error.message).toContain(`${what}: `);
      expect(error.message).toMatch(words);
    }
    expect((await failureOfCall(store.exists("k"))).failure).toBe(failure);
    expect((await failureOfCall(store.overwrite("k", []))).failure).toBe(failure);
  });

  it("never holds keys, signatures or tokens", async () => {
    await using harness = await openHarness({
      keys: { accessKeyId: "AKOTHER", secretAccessKey: "hidden", sessionToken: "token" },
    });
    const error = await failureOfCall(harness.store.putIfAbsent("k", []));
    expect(error).toMatchObject({ failure: "denied" });
    expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/hidden|token|Signature=/);
  });

  it("names both clocks when they differ too much", async () => {
    await using harness = await openHarness({ double: { skewMs: 3_600_000 } });
    const error = await failureOfCall(harness.store.get("k"));
    expect(error.failure).toBe("clock");
    expect(error.message).toMatch(
      /this machine's clock says \w+, .+ GMT, the store's 2\d{3}-\d\d-\d\dT/,
    );
    expect(Math.round((harness.store.bucketClock.skewMs ?? 0) / 60_000)).toBe(-60);
  });

  it("names the region when the signature has another", async () => {
    await using harness = await openHarness({ double: { region: "eu-central-1" } });
    const error = await failureOfCall(harness.store.get("k"));
    expect(error).toMatchObject({
      failure: "rejected",
      message: expect.stringContaining("set AWS_REGION=eu-central-1"),
    });
  });

  it("repeats a store's words in one line and no more than a few", async () => {
    await using harness = await openHarness();
    const message = `a\n\u001b[31m${"b".repeat(5000)}`;
    harness.double.plan = () => ({
      kind: "stranger",
      status: 400,
      body: `<Error><Code>Odd</Code><Message>${message}</Message></Error>`,
    });
    const error = await failureOfCall(harness.store.get("k"));
    expect(error.message).toMatch(/^GET k: the store answered status 400, Odd: a \[31mb+$/);
    expect(error.message.length).toBeLessThan(300);
  });
});

describe("a request whose fate is unknown", () => {
  it.each<[string, Fault, boolean]>([
    ["the connection breaks before the effect", { kind: "cut", hasEffect: false }, false],
    ["the connection breaks after the effect", { kind: "cut", hasEffect: true }, true],
    ["the answer is torn", { kind: "torn" }, true],
    ["a proxy says yes", { kind: "stranger", status: 200, body: "<html>welcome</html>" }, false],
  ])("is said to be: %s", async (_, fault, isStored) => {
    await using harness = await openHarness();
    const { store, double } = harness;
    double.plan = () => fault;
    expect((await failureOfCall(store.putIfAbsent("k", [bytesOf("mine")]))).failure).toBe(
      "unknown",
    );
    double.plan = () => undefined;
    expect(await store.putIfAbsent("k", [bytesOf("mine")])).toEqual({
      kind: isStored ? "exists" : "stored",
    });
    expect(textOf(await store.get("k"))).toBe("mine");
  });

  it("is a read that a proxy answered", async () => {
    await using harness = await openHarness();
    harness.double.plan = () => ({ kind: "stranger", status: 200, body: "" });
    expect((await failureOfCall(harness.store.get("k"))).failure).toBe("unknown");
  });

  it.each([true, false])("is given up after its time, effect or not: %s", async (hasEffect) => {
    await using harness = await openHarness({ client: { attemptMs: 50 } });
    const { store, double } = harness;
    double.plan = () => ({ kind: "hang", hasEffect });
    const error = await failureOfCall(store.putIfAbsent("k", []));
    expect(error).toMatchObject({
      failure: "unknown",
      message: "PUT k had no answer within 50 ms",
    });
    expect(double.objects.size).toBe(hasEffect ? 1 : 0);
  });

  it("ends when its caller says so", async () => {
    await using harness = await openHarness();
    harness.double.plan = () => ({ kind: "hang", hasEffect: true });
    const end = new AbortController();
    const call = failureOfCall(harness.store.putIfAbsent("k", [], end.signal));
    await expect.poll(() => harness.double.seen.length).toBe(1);
    end.abort();
    expect(await call).toMatchObject({ failure: "unknown", message: "PUT k was given up" });
    expect((await failureOfCall(harness.store.get("k", undefined, end.signal))).failure).toBe(
      "unknown",
    );
    expect(harness.double.seen).toHaveLength(1);
  });

  it.each<[string, string]>([
    ["no listing", "<html/>"],
    ["no end told", "<ListBucketResult><Name>b</Name></ListBucketResult>"],
    ["an end that is none", "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"],
    [
      "an entry without a size",
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>the prefix/k</Key></Contents></ListBucketResult>",
    ],
    [
      "a key from elsewhere",
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>other/k</Key><Size>1</Size></Contents></ListBucketResult>",
    ],
    [
      "a key that is not encoded",
      "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>the%2</Key><Size>1</Size></Contents></ListBucketResult>",
    ],
    ["half a document", "<ListBucketResult><IsTruncated>false</IsTruncated>"],
  ])("is a listing that makes no sense, never an empty one: %s", async (_, body) => {
    await using harness = await openHarness();
    harness.double.plan = () => ({ kind: "stranger", status: 200, body });
    expect((await failureOfCall(harness.store.list("k"))).failure).toBe("unknown");
  });

  it("is a removal that was not confirmed, in whole or in part", async () => {
    await using harness = await openHarness();
    const { store, double } = harness;
    const answer = (code: string): string =>
      `<DeleteResult><Error><Key>the prefix/b</Key><Code>${code}</Code></Error></DeleteResult>`;
    const removing = async (body: string): Promise<ObjectFailure> => {
      double.plan = () => ({ kind: "stranger", status: 200, body });
      return (await failureOfCall(store.delete(["a", "b"]))).failure;
    };
    expect(await removing("<html/>")).toBe("unknown");
    expect(await removing(answer("InternalError"))).toBe("unknown");
    expect(await removing(answer("SlowDown"))).toBe("busy");
    expect(await removing(answer("AccessDenied"))).toBe("denied");
    double.plan = () => ({ kind: "stranger", status: 200, body: answer("NoSuchKey") });
    await store.delete(["a", "b"]);
  });
});

/** A server that says these bytes to whoever asks, and closes nothing by itself. */
async function sayer(text: string, sockets: Socket[] = []): Promise<Server> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(text));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe("one exchange", () => {
  const request = (server: Server) => ({
    method: "GET" as const,
    origin: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    path: "/",
    headers: {},
    deadlineMs: 10_000,
    maxAnswerBytes: 1000,
  });

  it.each<[string, string, string]>([
    ["declares too much", "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", "oversized"],
    [
      "says too much",
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${"a".repeat(1001)}\r\n`,
      "oversized",
    ],
    ["is no HTTP", "hello\r\n\r\n", "connection"],
  ])("is refused when the answer %s", async (_, text, failure) => {
    const sockets: Socket[] = [];
    const server = await sayer(text, sockets);
    const sender = new Sender(systemClock, 1);
    const error: unknown = await sender.send(request(server)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SendError);
    expect((error as SendError).failure).toBe(failure);
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true);
    server.close();
  });

  it("says so when nobody listens", async () => {
    const server = await sayer("");
    const gone = request(server);
    await new Promise((resolve) => server.close(resolve));
    const error: unknown = await new Sender(systemClock, 1)
      .send(gone)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      failure: "connection",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("ends with an answer that overtakes its body, and sends no more of it", async () => {
    const sockets: Socket[] = [];
    const server = await sayer("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", sockets);
    const sender = new Sender(systemClock, 1);
    const body = [new Uint8Array(64 * 1024 * 1024)];
    const answer = await sender.send({ ...request(server), method: "PUT", body });
    expect(answer.status).toBe(403);
    await expect.poll(() => sockets.every(({ destroyed }) => destroyed)).toBe(true);
    server.close();
  });

  it("does not follow where it is sent", async () => {
    const server = await sayer(
      "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    );
    const sender = new Sender(systemClock, 1);
    expect((await sender.send(request(server))).status).toBe(302);
    sender.close();
    server.close();
  });
});

it("the double keeps no key that the client has not, and is reached without one by nobody", async () => {
  await using harness = await openHarness();
  const socket = connect(Number(new URL(harness.double.url).port), "127.0.0.1");
  socket.write("GET /bucket/a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  const chunks: Uint8Array[] = [];
  for await (const chunk of socket) chunks.push(chunk as Uint8Array);
  const said = Buffer.concat(chunks).toString();
  expect(said).toContain("AccessDenied");
  expect(said).not.toContain(KEYS.secretAccessKey);
});
