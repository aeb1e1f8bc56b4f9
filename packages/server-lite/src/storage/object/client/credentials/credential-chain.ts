// Where credentials are looked for, in the order that AWS's own libraries have: the environment, a
// profile, a web identity, the container's platform, the instance. The first place where something
// is set up decides: one that is set up and does not work is not passed over.

import type { Sender } from "../wire/send.js";
import { type CredentialSource, type Credentials, CredentialsError } from "./credentials.js";
import { fetchThrough } from "./fetch-text.js";
import { containerSource, instanceSource } from "./host-sources.js";
import {
  type Environment,
  environmentSource,
  loadProfile,
  profileSource,
  type ReadText,
} from "./static-sources.js";
import { exchangeToken } from "./web-identity.js";

export interface ChainComponents {
  readonly environment: Environment;
  readonly readText: ReadText;
  readonly sender: Sender;
  /** Where the token service is asked. */
  readonly region: string;
}

const SESSION_NAME = "s2kit";

export function defaultCredentials(components: ChainComponents): CredentialSource {
  const { environment, readText, sender, region } = components;
  const fetchText = fetchThrough(sender);
  const suffix = region.startsWith("cn-") ? ".cn" : "";
  const endpoint =
    environment["AWS_ENDPOINT_URL_STS"] || `https://sts.${region}.amazonaws.com${suffix}/`;
  const exchange = (roleArn: string, tokenFile: string, name?: string): Promise<Credentials> => {
    const sessionName = name ?? (environment["AWS_ROLE_SESSION_NAME"] || SESSION_NAME);
    return exchangeToken({ roleArn, tokenFile, sessionName, endpoint }, readText, fetchText);
  };
  return chainOf([
    environmentSource(environment),
    profileSource(() => loadProfile(environment, readText), exchange),
    webIdentitySource(environment, exchange),
    containerSource(environment, readText, fetchText),
    instanceSource(environment, fetchText),
  ]);
}

function webIdentitySource(
  environment: Environment,
  exchange: (roleArn: string, tokenFile: string) => Promise<Credentials>,
): CredentialSource {
  return {
    name: "web identity",
    async load(): Promise<Credentials | undefined> {
      const roleArn = environment["AWS_ROLE_ARN"];
      const tokenFile = environment["AWS_WEB_IDENTITY_TOKEN_FILE"];
      if (!tokenFile) return undefined;
      if (!roleArn) throw new CredentialsError("AWS_WEB_IDENTITY_TOKEN_FILE needs AWS_ROLE_ARN");
      return exchange(roleArn, tokenFile);
    },
  };
}

/** The first of them that has something. */
export function chainOf(sources: readonly CredentialSource[]): CredentialSource {
  const name = `looked for in ${sources.map((source) => source.name).join(", ")}`;
  return {
    name,
    async load(): Promise<Credentials | undefined> {
      for (const source of sources) {
        const found = await source.load();
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
