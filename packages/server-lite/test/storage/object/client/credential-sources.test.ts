import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { systemClock } from "@s2kit/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultCredentials } from "../../../../src/storage/object/client/credentials/credential-chain.js";
import {
  type Credentials,
  CredentialsError,
  createCredentials,
} from "../../../../src/storage/object/client/credentials/credentials.js";
import { parseProfile } from "../../../../src/storage/object/client/credentials/profile-file.js";
import { Sender } from "../../../../src/storage/object/client/wire/send.js";

/** A request that reached the host's services. */
interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const asked: Asked[] = [];
/** By method and path: what the host's services answer; 404 to everything else. */
let answers: Record<string, string> = {};

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { method, url, headers } = request;
  asked.push({ method, url, headers, body });
  const text = answers[`${method} ${url}`];
  response.writeHead(text === undefined ? 404 : 200).end(text);
}

const server = createServer((request, response) => void serve(request, response));
const sender = new Sender(systemClock, 2);
let host: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  asked.length = 0;
  answers = {};
});

afterAll(() => {
  sender.close();
  server.close();
});

type Environment = Record<string, string | undefined>;

/** Looks as a server would, on a machine with these files and without an instance's role. */
function find(
  environment: Environment,
  files: Record<string, string> = {},
): Promise<Credentials | undefined> {
  const chain = defaultCredentials({
    environment: { HOME: "/home/me", AWS_EC2_METADATA_DISABLED: "true", ...environment },
    readText: async (path) => files[path],
    sender,
    region: "eu-west-1",
  });
  return chain.load();
}

const KEYS = { AWS_ACCESS_KEY_ID: "AKENV", AWS_SECRET_ACCESS_KEY: "secret" };
const EXPIRATION = "2030-01-01T00:00:00Z";
const EXPIRES_AT = Date.UTC(2030, 0, 1);

describe("credentials", () => {
  it("are not shown by what shows objects", () => {
    const credentials = createCredentials({
      accessKeyId: "AK",
      secretAccessKey: "hidden",
      sessionToken: "concealed",
    });
    const shown = `${inspect(credentials, { depth: 9 })}${JSON.stringify({ credentials })}${JSON.stringify({ ...credentials })}`;
    expect(shown).toContain("AK");
    expect(shown).not.toMatch(/hidden|concealed/);
    expect(credentials.secretAccessKey).toBe("hidden");
  });
});

describe("the environment", () => {
  it("comes first, with the token of a session if there is one", async () => {
    const files = {
      "/home/me/.aws/credentials": "[default]\naws_access_key_id=AKFILE\naws_secret_access_key=x",
    };
    expect(await find(KEYS, files)).toMatchObject({ accessKeyId: "AKENV" });
    const found = await find({ ...KEYS, AWS_SESSION_TOKEN: "t" }, files);
    expect(found).toMatchObject({
      secretAccessKey: "secret",
      sessionToken: "t",
      expiresAtMs: undefined,
    });
  });

  it("is refused by halves, and passed over when it is empty", async () => {
    await expect(find({ AWS_ACCESS_KEY_ID: "AK" })).rejects.toThrow("set together");
    await expect(find({ AWS_SECRET_ACCESS_KEY: "hidden" })).rejects.not.toThrow("hidden");
    expect(await find({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" })).toBeUndefined();
  });
});

describe("a profile", () => {
  const config = [
    "[default]",
    "region = eu-west-1",
    "[profile work] # mine",
    "region=us-west-2",
    "s3 =",
    "  aws_access_key_id = AKNESTED",
    "[profile process]",
    "credential_process = /bin/anything",
    '[profile "with space"]',
    "aws_access_key_id = AKSPACE",
    "aws_secret_access_key = a=b # not more",
    "[profile pod]",
    "role_arn = arn:aws:iam::1:role/r",
    "web_identity_token_file = /token",
  ].join("\n");
  const files = {
    "/home/me/.aws/config": config,
    "/home/me/.aws/credentials":
      "; a note\r\n[default]\r\naws_access_key_id = AKDEFAULT\r\naws_secret_access_key = d\r\n\r\n[work]\r\naws_access_key_id=AKWORK\r\naws_secret_access_key=w\r\naws_session_token=t\r\n",
  };

  it("is the default one, or the one that is named", async () => {
    expect(await find({}, files)).toMatchObject({ accessKeyId: "AKDEFAULT", secretAccessKey: "d" });
    expect(await find({ AWS_PROFILE: "work" }, files)).toMatchObject({
      accessKeyId: "AKWORK",
      sessionToken: "t",
    });
    expect(await find({ AWS_PROFILE: "with space" }, files)).toMatchObject({
      secretAccessKey: "a=b",
    });
  });

  it("is read from where the variables say", async () => {
    const environment = { AWS_SHARED_CREDENTIALS_FILE: "/there", HOME: undefined };
    const text = "[default]\naws_access_key_id=AKTHERE\naws_secret_access_key=x";
    expect(await find(environment, { "/there": text })).toMatchObject({ accessKeyId: "AKTHERE" });
  });

  it("is missed when it was named and is nowhere", async () => {
    await expect(find({ AWS_PROFILE: "gone" }, files)).rejects.toThrow(
      "no profile gone in /home/me/.aws/config",
    );
    expect(await find({}, {})).toBeUndefined();
  });

  it("is refused, not passed over, when it leads elsewhere", async () => {
    await expect(find({ AWS_PROFILE: "process" }, files)).rejects.toThrow(
      /profile process uses credential_process.*aws configure export-credentials --profile process/,
    );
  });

  it("may name a role and a token for it", async () => {
    const environment = { AWS_PROFILE: "pod", AWS_ENDPOINT_URL_STS: `${host}/sts` };
    await expect(find(environment, { ...files, "/token": "t" })).rejects.toThrow("status 404");
    expect(asked[0]?.body).toContain("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr");
  });

  it("has its own settings only", () => {
    expect(parseProfile(config, "work", "config")).toEqual(new Map([["region", "us-west-2"]]));
    expect(parseProfile(config, "work", "credentials")).toBeUndefined();
    expect(parseProfile(config, "default", "config")).toEqual(new Map([["region", "eu-west-1"]]));
  });
});

describe("a web identity", () => {
  const environment = () => ({
    AWS_ROLE_ARN: "arn:aws:iam::1:role/r",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/var/token",
    AWS_ENDPOINT_URL_STS: `${host}/sts?a=b`,
  });
  const answer = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>t&amp;</SessionToken><SecretAccessKey>s</SecretAccessKey><Expiration>${EXPIRATION}</Expiration><AccessKeyId>ASROLE</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

  it("is exchanged for credentials that end", async () => {
    answers = { "POST /sts?a=b": answer };
    const found = await find(environment(), { "/var/token": "a.token\n" });
    expect(found).toMatchObject({
      accessKeyId: "ASROLE",
      secretAccessKey: "s",
      sessionToken: "t&",
      expiresAtMs: EXPIRES_AT,
    });
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: "arn:aws:iam::1:role/r",
      RoleSessionName: "s2kit",
      WebIdentityToken: "a.token",
    });
  });

  it("that is refused is told without the token", async () => {
    const refused = find(environment(), { "/var/token": "a.token" });
    await expect(refused).rejects.toThrow(
      /refused the token in \/var\/token for arn:aws:iam::1:role\/r: status 404/,
    );
    await expect(refused).rejects.not.toThrow("a.token");
  });

  it("needs a token and a role", async () => {
    await expect(find(environment())).rejects.toThrow(
      "no token for arn:aws:iam::1:role/r in /var/token",
    );
    await expect(find({ AWS_WEB_IDENTITY_TOKEN_FILE: "/var/token" })).rejects.toThrow(
      "needs AWS_ROLE_ARN",
    );
  });
});

describe("a container's platform", () => {
  const body = JSON.stringify({
    AccessKeyId: "ASPOD",
    SecretAccessKey: "s",
    Token: "t",
    Expiration: EXPIRATION,
  });

  it("gives credentials for the token in a file, read each time", async () => {
    answers = { "GET /v1/credentials?a=b": body };
    const environment = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${host}/v1/credentials?a=b`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/token",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "older",
    };
    const found = await find(environment, { "/token": "pod token\n" });
    expect(found).toMatchObject({
      accessKeyId: "ASPOD",
      sessionToken: "t",
      expiresAtMs: EXPIRES_AT,
    });
    expect(asked[0]?.headers.authorization).toBe("pod token");
    await expect(find(environment)).rejects.toThrow("no token in /token");
  });

  it("is not asked over the network in the clear", async () => {
    const AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://192.0.2.1/credentials";
    await expect(find({ AWS_CONTAINER_CREDENTIALS_FULL_URI })).rejects.toThrow(
      "must be https, or on this host",
    );
  });

  it.each([
    "",
    "[]",
    "null",
    "{}",
    `{"AccessKeyId":"a"}`,
    `{"AccessKeyId":"a","SecretAccessKey":"hidden","Expiration":"soon"}`,
  ])("is not believed when it says %j", async (text) => {
    answers = { "GET /c": text };
    const found = find({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${host}/c` });
    await expect(found).rejects.toThrow("cannot be read");
    await expect(found).rejects.toBeInstanceOf(CredentialsError);
    await expect(found).rejects.not.toThrow("hidden");
  });
});

describe("an instance", () => {
  const environment = () => ({
    AWS_EC2_METADATA_DISABLED: "false",
    AWS_EC2_METADATA_SERVICE_ENDPOINT: host,
  });
  const folder = "/latest/meta-data/iam/security-credentials/";

  it("gives those of its role, to who has its token", async () => {
    const body = JSON.stringify({
      Code: "Success",
      AccessKeyId: "ASROLE",
      SecretAccessKey: "s",
      Token: "t",
      Expiration: EXPIRATION,
    });
    answers = {
      "PUT /latest/api/token": "itoken",
      [`GET ${folder}`]: "my role\n",
      [`GET ${folder}my%20role`]: body,
    };
    expect(await find(environment())).toMatchObject({
      accessKeyId: "ASROLE",
      expiresAtMs: EXPIRES_AT,
    });
    expect(asked.map(({ headers }) => headers["x-aws-ec2-metadata-token"])).toEqual([
      undefined,
      "itoken",
      "itoken",
    ]);
  });

  it("is passed over when it has no role, or is none", async () => {
    expect(await find(environment())).toBeUndefined();
    answers = { "PUT /latest/api/token": "itoken" };
    expect(await find(environment())).toBeUndefined();
    expect(
      await find({ ...environment(), AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" }),
    ).toBeUndefined();
    asked.length = 0;
    expect(await find({ AWS_EC2_METADATA_SERVICE_ENDPOINT: host })).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
