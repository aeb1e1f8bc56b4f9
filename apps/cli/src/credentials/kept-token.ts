// One access token where it is kept: in the secret store of the platform, or in a file of mode 0600
// when that was asked for, never in one instead of the other on its own. What the configuration
// says of it is its id and where it is. Spec: cli#stored-tokens, cli#contexts.

import { randomUUID } from "node:crypto";
import type { TomlTable } from "smol-toml";
import { checkedToken } from "../files/config-file.js";
import { CliError } from "../values/failure.js";
import { type FoundStore, findSecretStore } from "./find-secret-store.js";
import type { SecretStore } from "./secret-store.js";
import { openTokenFiles } from "./token-file.js";

type StoreKind = "keyring" | "file";

/** What the configuration says about a token. */
export interface KeptToken {
  readonly id: string;
  readonly kind: StoreKind;
}

/** Entries without a store are those of earlier versions, which knew only files. */
export function keptTokenOf(entry: unknown): KeptToken | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return undefined;
  const { credential_id: id, credential_store: kind } = entry as TomlTable;
  if (typeof id !== "string") return undefined;
  return { id, kind: kind === "keyring" ? "keyring" : "file" };
}

/**
 * Keeps the token, reads it back, and only then lets the configuration tell of it.
 *
 * @param tell - writes the entry into the configuration; when it fails, the token is taken out
 *   again
 * @returns where it is now, for people
 * @throws {CliError} when there is no secret store, or it is locked or fails; nothing is changed
 *   then
 */
export async function keepToken(
  env: NodeJS.ProcessEnv,
  token: string,
  insecureStorage: boolean,
  tell: (entry: TomlTable) => Promise<void>,
): Promise<string> {
  const kind: StoreKind = insecureStorage ? "file" : "keyring";
  const store = insecureStorage ? openTokenFiles(env) : await requireStore(env);
  const id = randomUUID();
  await store.put(accountOf(id), payloadOf(id, token));
  try {
    if (tokenOf(await store.get(accountOf(id))) !== token)
      throw new CliError(`${store.label} does not give back what it took`, {
        hint: "use S2_ACCESS_TOKEN, or keep the token in a file: --insecure-storage",
      });
    await tell({ credential_id: id, credential_store: kind });
  } catch (error) {
    await store.remove(accountOf(id)).catch(() => false);
    throw error;
  }
  return store.label;
}

/**
 * The token, and what its store is called.
 *
 * @param remedy - how to keep one anew, for the error
 * @throws {CliError} exit code 3 when it is not there
 */
export async function readKeptToken(
  env: NodeJS.ProcessEnv,
  { id, kind }: KeptToken,
  remedy: string,
): Promise<{ readonly token: string; readonly where: string }> {
  const found = await openStore(env, kind);
  if (found.store === undefined) throw unreadable(found.reason, remedy);
  const account = accountOf(id);
  const token = tokenOf(await found.store.get(account));
  if (token === undefined)
    throw unreadable(`${found.store.label} has no such item account=${account}`, remedy);
  return { token: checkedToken(token), where: found.store.label };
}

/**
 * Removes the secret; answers what is left behind when its store is not there any more.
 *
 * @param mustSucceed - a store that is locked or fails is an error then
 */
export async function forgetToken(
  env: NodeJS.ProcessEnv,
  { id, kind }: KeptToken,
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

function unreadable(why: string, remedy: string): CliError {
  return new CliError(`the stored access token cannot be read: ${why}`, {
    exitCode: 3,
    hint: `store it again: ${remedy}; or use S2_ACCESS_TOKEN`,
  });
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
