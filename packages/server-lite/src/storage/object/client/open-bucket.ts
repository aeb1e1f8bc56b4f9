// Puts a bucket client together from options and the environment, as the object engine's flags
// will: settings, profile, credentials, connections. It asks the store nothing yet: see
// `probe-store`.

import { readFile } from "node:fs/promises";
import type { Clock } from "@s2kit/core";
import { defaultCredentials } from "./credentials/credential-chain.js";
import { CredentialKeeper } from "./credentials/credential-keeper.js";
import type { CredentialSource } from "./credentials/credentials.js";
import { type Environment, loadProfile, type ReadText } from "./credentials/static-sources.js";
import {
  type ProfileSettings,
  resolveS3,
  type S3Options,
  type S3Settings,
} from "./s3/s3-settings.js";
import { S3Store } from "./s3/s3-store.js";
import { Sender } from "./wire/send.js";

export interface BucketComponents {
  readonly clock: Clock;
  readonly environment: Environment;
  /** Default: looked for as AWS's libraries do */
  readonly credentials?: CredentialSource;
}

export interface Bucket {
  readonly settings: S3Settings;
  readonly store: S3Store;
  /** Ends the connections; requests that are under way fail. */
  close(): void;
}

/** Connections to those who give credentials. */
const CREDENTIAL_SOCKETS = 2;

/**
 * @throws {S2Error} `invalid` when the options make no sense
 * @throws {CredentialsError} when `AWS_PROFILE` names a profile that is nowhere
 */
export async function openBucket(
  options: S3Options,
  { clock, environment, credentials }: BucketComponents,
): Promise<Bucket> {
  const settings = resolveS3(options, environment, await profileSettings(environment));
  const sender = new Sender(clock, settings.maxSockets);
  const asking = new Sender(clock, CREDENTIAL_SOCKETS);
  const { region } = settings;
  const source =
    credentials ?? defaultCredentials({ environment, readText, sender: asking, region });
  const keeper = new CredentialKeeper(source, clock);
  const store = new S3Store(settings, { clock, sender, credentials: keeper });
  const close = (): void => {
    sender.close();
    asking.close();
  };
  return { settings, store, close };
}

async function profileSettings(environment: Environment): Promise<ProfileSettings> {
  const choice = await loadProfile(environment, readText);
  const { profile } = choice ?? {};
  return { region: profile?.get("region"), endpoint: profile?.get("endpoint_url") };
}

const readText: ReadText = async (path) => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
};
