// The configuration file, shared with the field's other tools. A file that does not parse is an
// error and is never overwritten; error texts never quote it, since it may hold a secret. Entries
// that we do not know survive. Spec: cli#file.

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse, stringify, type TomlTable } from "smol-toml";
import { CliError, usageError } from "../values/failure.js";
import { parseBoolean } from "../values/flag-values.js";
import { makePrivateDirectory, replaceFile, withLock } from "./private-file.js";

/** Keys that `config set` takes, in the order of `config list`. */
export const CONFIG_KEYS = [
  "access_token",
  "account_endpoint",
  "basin_endpoint",
  "compression",
  "ssl_no_verify",
] as const;

export type ConfigKey = (typeof CONFIG_KEYS)[number];

/** `~/.config/s2` also on macOS, `%APPDATA%\s2` on Windows: shared with the field's other tools. */
export function configDirectory(env: NodeJS.ProcessEnv): string {
  if (process.platform === "win32") return join(env.APPDATA ?? homedir(), "s2");
  return join(env.HOME ?? homedir(), ".config", "s2");
}

export function configPath(env: NodeJS.ProcessEnv): string {
  return join(configDirectory(env), "config.toml");
}

/** @throws {CliError} when the file exists and does not parse; the text is not quoted */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<TomlTable> {
  const path = configPath(env);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new CliError(`cannot read the configuration path=${path}`, { cause: error });
  }
  try {
    return parse(text);
  } catch (error) {
    const line = (error as { line?: number }).line;
    throw usageError(
      `the configuration file is not valid TOML path=${path}${line === undefined ? "" : ` line=${line}`}`,
      "repair it by hand; it is left as it is",
    );
  }
}

/**
 * Reads, changes and replaces the file under a lock; keeps what it does not know. The lock is not
 * the `config.lock` of the field's other command: that file stays for good and is locked in a way
 * that Node does not offer.
 */
export async function changeConfig(
  env: NodeJS.ProcessEnv,
  change: (config: TomlTable) => void,
): Promise<string> {
  const directory = configDirectory(env);
  await makePrivateDirectory(directory);
  const path = configPath(env);
  await withLock(join(directory, "s2kit.lock"), async () => {
    const config = await readConfig(env);
    change(config);
    await replaceFile(path, `${stringify(config)}\n`.replace(/\n+$/, "\n"));
  });
  return path;
}

/** @throws {CliError} exit code 2, naming the keys */
export function configKey(text: string): ConfigKey {
  const key = CONFIG_KEYS.find((each) => each === text);
  if (key !== undefined) return key;
  throw usageError(`no such key key=${text}`, `keys: ${CONFIG_KEYS.slice(1).join(", ")}`);
}

/** Checks a value of `config set` and answers how the file holds it. */
export function configValue(key: ConfigKey, text: string): string | boolean {
  switch (key) {
    case "ssl_no_verify":
      return parseBoolean(text);
    case "compression":
      if (text !== "gzip" && text !== "zstd")
        throw usageError(`expected one of gzip, zstd value=${JSON.stringify(text)}`);
      return text;
    case "account_endpoint":
    case "basin_endpoint":
      requireUrl(text.replace("{basin}", "basin"), key);
      return text;
    case "access_token":
      return checkedToken(text);
  }
}

/** Non-empty ASCII without blanks or control characters. The message never shows it. */
export function checkedToken(text: string): string {
  if (text === "") throw usageError("the access token is empty");
  if (!/^[\x21-\x7e]+$/.test(text))
    throw usageError("the access token must be ASCII without blanks or control characters");
  return text;
}

export function requireUrl(text: string, name: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text.includes("://") ? text : `http://${text}`);
  } catch {
    url = undefined;
  }
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw usageError(
      `the endpoint is not an http or https URL name=${name}`,
      "write e.g. http://localhost:8080 or https://{basin}.b.s2.dev",
    );
  // Endpoints are printed, and the studio hands them out: no place for what only some may know.
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw usageError(
      `the endpoint must not hold a user, a password, a query or a fragment name=${name}`,
      "access is by token: S2_ACCESS_TOKEN",
    );
  return url;
}
