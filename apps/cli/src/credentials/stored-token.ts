// The access token that `auth access-token set` keeps, for all that no context has a token for. The
// configuration holds only its id and where it is.
// Spec: cli#precedence, cli#stored-tokens, cli#conventions.

import type { TomlTable } from "smol-toml";
import { changeConfig, checkedToken, configPath, readConfig } from "../files/config-file.js";
import {
  forgetToken,
  type KeptToken,
  keepToken,
  keptTokenOf,
  readKeptToken,
} from "./kept-token.js";

export interface SavedToken {
  /** Where it is now, for people. */
  readonly where: string;
  /** Whether there was one before; it is gone here, not revoked. */
  readonly replaced: boolean;
  /** The earlier one could not be removed from its store; for people. */
  readonly leftover: string | undefined;
}

/**
 * Saves the token, replacing the earlier one, and reads it back before the configuration tells of
 * it.
 *
 * @throws {CliError} when there is no secret store, or it is locked or fails; nothing is changed
 *   then
 */
export async function saveToken(
  env: NodeJS.ProcessEnv,
  token: string,
  insecureStorage: boolean,
): Promise<SavedToken> {
  await readConfig(env);
  let earlier: KeptToken | undefined;
  let hadPlain = false;
  const where = await keepToken(env, token, insecureStorage, async (entry) => {
    await changeConfig(env, (config) => {
      earlier = keptTokenOf(config.stored_access_token);
      hadPlain = typeof config.access_token === "string";
      delete config.access_token;
      config.auth_method = "access_token";
      config.stored_access_token = entry;
    });
  });
  const leftover = earlier === undefined ? undefined : await forgetToken(env, earlier);
  return { where, replaced: earlier !== undefined || hadPlain, leftover };
}

/**
 * Forgets the token on this machine; the server keeps honouring it until it is revoked.
 *
 * @throws {CliError} when its store is locked or fails; nothing is changed then
 */
export async function removeToken(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly wasThere: boolean; readonly leftover: string | undefined }> {
  const config = await readConfig(env);
  const entry = keptTokenOf(config.stored_access_token);
  if (entry === undefined && typeof config.access_token !== "string")
    return { wasThere: false, leftover: undefined };
  const leftover = entry === undefined ? undefined : await forgetToken(env, entry, true);
  await changeConfig(env, (latest) => {
    delete latest.access_token;
    delete latest.stored_access_token;
    delete latest.auth_method;
  });
  return { wasThere: true, leftover };
}

export interface StoredToken {
  readonly token: string;
  /** Where it was found, in words for people. */
  readonly source: string;
  /** In the configuration file itself, as it was done once. */
  readonly isPlain: boolean;
}

/** Whether there is one, without asking its store. */
export function hasStoredToken(config: TomlTable): boolean {
  return (
    keptTokenOf(config.stored_access_token) !== undefined || typeof config.access_token === "string"
  );
}

/** The stored token, from its store or from the deprecated plain entry. @throws {CliError} */
export async function readStoredToken(
  env: NodeJS.ProcessEnv,
  config: TomlTable,
): Promise<StoredToken | undefined> {
  const entry = keptTokenOf(config.stored_access_token);
  if (entry !== undefined) {
    const { token, where } = await readKeptToken(env, entry, "s2kit auth access-token set");
    return { token, source: `stored access token in ${where}`, isPlain: false };
  }
  const plain = config.access_token;
  if (typeof plain === "string" && plain !== "")
    return {
      token: checkedToken(plain),
      source: `configuration file ${configPath(env)}`,
      isPlain: true,
    };
  return undefined;
}
