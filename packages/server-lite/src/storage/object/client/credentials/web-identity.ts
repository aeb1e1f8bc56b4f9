// Credentials of a role, for the token that a file holds (Kubernetes service accounts): asked of
// AWS's token service. The request needs no signature; the token is its secret, so it goes over TLS
// or to an endpoint that was named on purpose.

import { childOf, parseXml, textOf } from "../wire/xml.js";
import { type Credentials, CredentialsError, createCredentials } from "./credentials.js";
import type { Fetch } from "./fetch-text.js";
import type { ReadText } from "./static-sources.js";

export interface WebIdentity {
  readonly roleArn: string;
  readonly tokenFile: string;
  /** Shows in the account's audit log. */
  readonly sessionName: string;
  /** `https://sts.REGION.amazonaws.com`, or another. */
  readonly endpoint: string;
}

export async function exchangeToken(
  { roleArn, tokenFile, sessionName, endpoint }: WebIdentity,
  readText: ReadText,
  fetchText: Fetch,
): Promise<Credentials> {
  const token = (await readText(tokenFile))?.trim();
  if (!token) throw new CredentialsError(`no token for ${roleArn} in ${tokenFile}`);
  const { status, text } = await fetchText({
    method: "POST",
    url: endpoint,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      WebIdentityToken: token,
    }).toString(),
  });
  const root = parseXml(text);
  const found = childOf(childOf(root, "AssumeRoleWithWebIdentityResult"), "Credentials");
  const accessKeyId = textOf(found, "AccessKeyId");
  const secretAccessKey = textOf(found, "SecretAccessKey");
  const sessionToken = textOf(found, "SessionToken");
  const expiresAtMs = Date.parse(textOf(found, "Expiration") ?? "");
  if (status === 200 && accessKeyId && secretAccessKey && sessionToken && expiresAtMs > 0)
    return createCredentials({ accessKeyId, secretAccessKey, sessionToken, expiresAtMs });
  const code = textOf(childOf(root, "Error"), "Code") ?? "no reason";
  throw new CredentialsError(
    `the token service refused the token in ${tokenFile} for ${roleArn}: status ${status}, ${code}`,
  );
}
