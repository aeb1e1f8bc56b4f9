// The access token that `auth access-token set` keeps: in the platform's secret store, or in a file
// when that was asked for, never in one instead of the other on its own. The configuration holds
// only its id and where it is. Spec: cli#precedence, cli#stored-tokens, cli#conventions.

import { randomUUID } from "node:crypto";
import type { TomlTable } from "smol-toml";
import { changeConfig, checkedToken, configPath, readConfig } from "../files/config-file.js";
import { CliError } from "../values/failure.js";
import { type FoundStore, findSecretStore } from "./find-secret-store.js";
import type { SecretStore } from "./secret-store.js";
import { openTokenFiles } from "./token-file.js";

type StoreKind = "keyring" | "file";

/** What the configuration says about the stored token. */
interface Entry {
  readonly id: string;
  readonly kind: StoreKind;
}

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
  const kind: StoreKind = insecureStorage ? "file" : "keyring";
  const store = insecureStorage ? openTokenFiles(env) : await requireStore(env);
  await readConfig(env);
  const id = randomUUID();
  await store.put(accountOf(id), payloadOf(id, token));
  let earlier: Entry | undefined;
  let hadPlain = false;
  try {
    if (tokenOf(await store.get(accountOf(id))) !== token)
      throw new CliError(`${store.label} does not give back what it took`, {
        hint: "use S2_ACCESS_TOKEN, or keep the token in a file: --insecure-storage",
      });
    await changeConfig(env, (config) => {
      earlier = entryOf(config);
      hadPlain = typeof config.access_token === "string";
      delete config.access_token;
      config.auth_method = "access_token";
      config.stored_access_token = { credential_id: id, credential_store: kind };
    });
  } catch (error) {
    await store.remove(accountOf(id)).catch(() => false);
    throw error;
  }
  const leftover = earlier === undefined ? undefined : await forget(env, earlier);
  return { where: store.label, replaced: earlier !== undefined || hadPlain, leftover };
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
  const entry = entryOf(config);
  if (entry === undefined && typeof config.access_token !== "string")
    return { wasThere: false, leftover: undefined };
  const leftover = entry === undefined ? undefined : await forget(env, entry, true);
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
  return entryOf(config) !== undefined || typeof config.access_token === "string";
}

/** The stored token, from its store or from the deprecated plain entry. @throws {CliError} */
export async function readStoredToken(
  env: NodeJS.ProcessEnv,
  config: TomlTable,
): Promise<StoredToken | undefined> {
  const entry = entryOf(config);
  if (entry !== undefined) {
    const found = await openStore(env, entry.kind);
    if (found.store === undefined) throw unreadable(found.reason);
    const account = accountOf(entry.id);
    const token = tokenOf(await found.store.get(account));
    if (token === undefined)
      throw unreadable(`${found.store.label} has no such item account=${account}`);
    const source = `stored access token in ${found.store.label}`;
    return { token: checkedToken(token), source, isPlain: false };
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

async function requireStore(env: NodeJS.ProcessEnv): Promise<SecretStore> {
  const found = await findSecretStore({ env });
  if (found.store !== undefined) return found.store;
  throw new CliError(`there is no secret store to keep the token in: ${found.reason}`, {
    hint: [
      ...(found.remedy === undefined ? [] : [found.remedy]),
      "keep it in a file of mode 0600: --insecure-storage",
      "or keep it nowhere: S2_ACCESS_TOKEN",
    ].join("\n"),
  });
}

async function openStore(env: NodeJS.ProcessEnv, kind: StoreKind): Promise<FoundStore> {
  return kind === "file" ? { store: openTokenFiles(env) } : await findSecretStore({ env });
}

/** Removes an entry's secret; answers what is left behind when its store is not there any more. */
async function forget(
  env: NodeJS.ProcessEnv,
  { id, kind }: Entry,
  mustSucceed = false,
): Promise<string | undefined> {
  const leftover = `the earlier token may still be in the secret store account=${accountOf(id)}`;
  try {
    const { store } = await openStore(env, kind);
    if (store === undefined) return leftover;
    await store.remove(accountOf(id));
    return undefined;
  } catch (error) {
    if (mustSucceed) throw error;
    return leftover;
  }
}

function unreadable(why: string): CliError {
  return new CliError(`the stored access token cannot be read: ${why}`, {
    exitCode: 3,
    hint: "store it again: s2kit auth access-token set; or use S2_ACCESS_TOKEN",
  });
}

/** Entries without a store are those of earlier versions, which knew only files. */
function entryOf(config: TomlTable): Entry | undefined {
  const entry = config.stored_access_token;
  if (typeof entry !== "object" || Array.isArray(entry)) return undefined;
  const { credential_id: id, credential_store: kind } = entry as TomlTable;
  if (typeof id !== "string") return undefined;
  return { id, kind: kind === "keyring" ? "keyring" : "file" };
}

function accountOf(id: string): string {
  return `access-token:${id}`;
}

function payloadOf(id: string, token: string): string {
  return JSON.stringify({
    version: 1,
    kind: "s2_access_token",
    credential_id: id,
    access_token: token,
  });
}

function tokenOf(payload: string | undefined): string | undefined {
  if (payload === undefined) return undefined;
  try {
    const token: unknown = (JSON.parse(payload) as { access_token?: unknown }).access_token;
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}
