// Credentials that stand somewhere in the clear: the environment, and a profile of the shared
// files. A profile may also name a role that a token is exchanged for; what else it may name is
// refused with a word on what to do, never passed over.

import {
  type CredentialSource,
  type Credentials,
  CredentialsError,
  createCredentials,
} from "./credentials.js";
import { type Profile, parseProfile } from "./profile-file.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined when there is no such file. */
export type ReadText = (path: string) => Promise<string | undefined>;

export function environmentSource(environment: Environment): CredentialSource {
  return {
    name: "environment",
    load: async () => fromEnvironment(environment),
  };
}

function fromEnvironment(environment: Environment): Credentials | undefined {
  const accessKeyId = environment["AWS_ACCESS_KEY_ID"] || undefined;
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"] || undefined;
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new CredentialsError(
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set together or not at all",
    );
  const sessionToken = environment["AWS_SESSION_TOKEN"] || undefined;
  return createCredentials({ accessKeyId, secretAccessKey, sessionToken });
}

/** What a profile says: keys of its own, or a role and the file with the token for it. */
export interface ProfileChoice {
  readonly name: string;
  readonly profile: Profile;
}

/** Settings that lead to credentials in ways that are not gone here. */
const UNTAKEN = [
  "credential_process",
  "sso_session",
  "sso_start_url",
  "login_session",
  "source_profile",
  "credential_source",
];

/**
 * The profile in use, from both files; undefined when neither has it and nobody asked for it.
 *
 * @throws {CredentialsError} when `AWS_PROFILE` names one that is in neither file
 */
export async function loadProfile(
  environment: Environment,
  readText: ReadText,
): Promise<ProfileChoice | undefined> {
  const home = environment["HOME"] || environment["USERPROFILE"];
  const inHome = (name: string): string | undefined => (home ? `${home}/.aws/${name}` : undefined);
  const wanted = environment["AWS_PROFILE"] || environment["AWS_DEFAULT_PROFILE"] || undefined;
  const name = wanted ?? "default";
  const config = environment["AWS_CONFIG_FILE"] || inHome("config");
  const shared = environment["AWS_SHARED_CREDENTIALS_FILE"] || inHome("credentials");
  const read = async (path: string | undefined): Promise<string> =>
    path === undefined ? "" : ((await readText(path)) ?? "");
  const [configText, sharedText] = await Promise.all([read(config), read(shared)]);
  const fromConfig = parseProfile(configText, name, "config");
  const fromShared = parseProfile(sharedText, name, "credentials");
  if (fromConfig !== undefined || fromShared !== undefined)
    return { name, profile: new Map([...(fromConfig ?? []), ...(fromShared ?? [])]) };
  if (wanted === undefined) return undefined;
  throw new CredentialsError(
    `no profile ${wanted} in ${config ?? "~/.aws/config"} or ${shared ?? "~/.aws/credentials"}: AWS_PROFILE names it`,
  );
}

/** @param exchange - credentials for the token in a file, see `web-identity` */
export function profileSource(
  load: () => Promise<ProfileChoice | undefined>,
  exchange: (roleArn: string, tokenFile: string, sessionName?: string) => Promise<Credentials>,
): CredentialSource {
  return {
    name: "profile",
    async load(): Promise<Credentials | undefined> {
      const choice = await load();
      if (choice === undefined) return undefined;
      const { name, profile } = choice;
      const accessKeyId = profile.get("aws_access_key_id");
      const secretAccessKey = profile.get("aws_secret_access_key");
      if (accessKeyId !== undefined && secretAccessKey !== undefined)
        return createCredentials({
          accessKeyId,
          secretAccessKey,
          sessionToken: profile.get("aws_session_token"),
        });
      const roleArn = profile.get("role_arn");
      const tokenFile = profile.get("web_identity_token_file");
      if (roleArn !== undefined && tokenFile !== undefined)
        return exchange(roleArn, tokenFile, profile.get("role_session_name"));
      const untaken = UNTAKEN.find((setting) => profile.has(setting));
      if (untaken === undefined) return undefined;
      throw new CredentialsError(
        `profile ${name} uses ${untaken}, which is not read here: put what \`aws configure export-credentials --profile ${name} --format env\` prints into the environment`,
      );
    },
  };
}
