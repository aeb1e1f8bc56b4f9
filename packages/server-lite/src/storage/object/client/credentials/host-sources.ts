// Credentials that the host of this process gives: an agent of the container platform (ECS, EKS pod
// identity), or the metadata service of the instance (IMDSv2 only: its first version answers
// whoever can make this process send a GET).

import {
  type CredentialSource,
  type Credentials,
  CredentialsError,
  createCredentials,
} from "./credentials.js";
import type { Fetch } from "./fetch-text.js";
import type { Environment, ReadText } from "./static-sources.js";

const ECS_ORIGIN = "http://169.254.170.2";
/** Plain HTTP is for what never leaves the host: loopback, and the agents of ECS and EKS. */
const LOCAL_HOSTS = /^(localhost|127(\.\d+){3}|\[::1\]|169\.254\.170\.(2|23)|\[fd00:ec2::23\])$/;

export function containerSource(
  environment: Environment,
  readText: ReadText,
  fetchText: Fetch,
): CredentialSource {
  return {
    name: "container",
    async load(): Promise<Credentials | undefined> {
      const relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
      const full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
      const url = relative ? `${ECS_ORIGIN}${relative}` : full;
      if (!url) return undefined;
      requireLocalOrTls(url);
      const token = await containerToken(environment, readText);
      const headers = token === undefined ? {} : { authorization: token };
      const { status, text } = await fetchText({ method: "GET", url, headers });
      if (status !== 200)
        throw new CredentialsError(`the container's credentials were refused: status ${status}`);
      return parseHostCredentials(text, "the container's credentials");
    },
  };
}

function requireLocalOrTls(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "https:") return;
  if (parsed?.protocol === "http:" && LOCAL_HOSTS.test(parsed.hostname)) return;
  throw new CredentialsError("AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or on this host");
}

async function containerToken(
  environment: Environment,
  readText: ReadText,
): Promise<string | undefined> {
  const file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  if (!file) return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] || undefined;
  // Read each time: it is renewed in place.
  const token = (await readText(file))?.trim();
  if (!token || /[\r\n]/.test(token)) throw new CredentialsError(`no token in ${file}`);
  return token;
}

const METADATA_PATH = "/latest/meta-data/iam/security-credentials/";
/** Off AWS nobody answers: a start must not wait long for that. */
const METADATA_DEADLINE_MS = 1000;

export function instanceSource(environment: Environment, fetchText: Fetch): CredentialSource {
  return {
    name: "instance metadata",
    async load(): Promise<Credentials | undefined> {
      if (/^true$/i.test(environment["AWS_EC2_METADATA_DISABLED"] ?? "")) return undefined;
      const origin = (
        environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254"
      ).replace(/\/$/, "");
      const ask = async (
        method: "GET" | "PUT",
        path: string,
        headers: Record<string, string>,
      ): Promise<string | undefined> => {
        const { status, text } = await fetchText({
          method,
          url: origin + path,
          headers,
          deadlineMs: METADATA_DEADLINE_MS,
        });
        return status === 200 ? text.trim() : undefined;
      };
      const token = await ask("PUT", "/latest/api/token", {
        "x-aws-ec2-metadata-token-ttl-seconds": "21600",
      }).catch(() => undefined);
      if (!token) return undefined;
      const headers = { "x-aws-ec2-metadata-token": token };
      const role = (await ask("GET", METADATA_PATH, headers))?.split("\n")[0];
      if (!role) return undefined;
      const text = await ask("GET", `${METADATA_PATH}${encodeURIComponent(role)}`, headers);
      if (text === undefined)
        throw new CredentialsError(`the instance has role ${role}, but no credentials for it`);
      return parseHostCredentials(text, `the instance's role ${role}`);
    },
  };
}

/** The form that both platforms answer in. */
function parseHostCredentials(text: string, what: string): Credentials {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = parseObject(text);
  const expiresAtMs = typeof Expiration === "string" ? Date.parse(Expiration) : undefined;
  if (
    typeof AccessKeyId === "string" &&
    typeof SecretAccessKey === "string" &&
    !Number.isNaN(expiresAtMs)
  )
    return createCredentials({
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: typeof Token === "string" ? Token : undefined,
      expiresAtMs,
    });
  throw new CredentialsError(
    `${what} cannot be read: no AccessKeyId, SecretAccessKey or Expiration`,
  );
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
