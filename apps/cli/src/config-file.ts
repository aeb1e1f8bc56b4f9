// The configuration file and the stored access token beside it. Written whole, never half: a
// temporary file is synced, renamed, and its directory synced, under a lock. A file that does not
// parse is an error and is never overwritten; error texts never quote it, since it may hold a
// secret. Entries that we do not know survive. Spec: CLI sections 3.1 and 3.3.

import { createHash, randomUUID } from "node:crypto";
import { constants, lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse, stringify, type TomlTable } from "smol-toml";
import { CliError, usageError } from "./failure.js";
import { parseBoolean } from "./values.js";

/** Keys that `config set` takes, in the order of `config list`. */
export const CONFIG_KEYS = [
  "access_token",
  "account_endpoint",
  "basin_endpoint",
  "compression",
  "ssl_no_verify",
] as const;

export type ConfigKey = (typeof CONFIG_KEYS)[number];

const LOCK_POLL_MS = 50;
const LOCK_PATIENCE_MS = 60_000;

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

/** Reads, changes and replaces the file under its lock; keeps what it does not know. */
export async function changeConfig(
  env: NodeJS.ProcessEnv,
  change: (config: TomlTable) => void,
): Promise<string> {
  const directory = configDirectory(env);
  await makePrivateDirectory(directory);
  const path = configPath(env);
  await withLock(join(directory, "config.lock"), async () => {
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

/** Saves the token in a file of mode 0600 and answers its path; replaces the earlier one. */
export async function storeToken(
  env: NodeJS.ProcessEnv,
  token: string,
): Promise<{ path: string; replaced: boolean }> {
  const directory = configDirectory(env);
  await makePrivateDirectory(directory);
  const id = randomUUID();
  const path = tokenPath(directory, id);
  await replaceFile(
    path,
    `${JSON.stringify({ version: 1, kind: "s2_access_token", credential_id: id, access_token: token })}\n`,
  );
  let previous: string | undefined;
  let hadPlain = false;
  await changeConfig(env, (config) => {
    previous = storedTokenId(config);
    hadPlain = typeof config.access_token === "string";
    delete config.access_token;
    config.auth_method = "access_token";
    config.stored_access_token = { credential_id: id, credential_store: "file" };
  });
  if (previous !== undefined) await rm(tokenPath(directory, previous), { force: true });
  return { path, replaced: previous !== undefined || hadPlain };
}

/** Forgets the stored token here; the server keeps honouring it until it is revoked. */
export async function removeStoredToken(env: NodeJS.ProcessEnv): Promise<boolean> {
  let previous: string | undefined;
  let hadPlain = false;
  await changeConfig(env, (config) => {
    previous = storedTokenId(config);
    hadPlain = typeof config.access_token === "string";
    delete config.access_token;
    delete config.stored_access_token;
    delete config.auth_method;
  });
  if (previous !== undefined) await rm(tokenPath(configDirectory(env), previous), { force: true });
  return previous !== undefined || hadPlain;
}

/** The stored token, from its own file or from the deprecated plain entry. */
export async function readStoredToken(
  env: NodeJS.ProcessEnv,
  config: TomlTable,
): Promise<{ token: string; source: string } | undefined> {
  const id = storedTokenId(config);
  if (id !== undefined) {
    const directory = configDirectory(env);
    await refuseSymlink(directory);
    const path = tokenPath(directory, id);
    try {
      const stored = JSON.parse(await readFile(path, "utf8")) as { access_token?: unknown };
      if (typeof stored.access_token === "string")
        return { token: checkedToken(stored.access_token), source: `stored access token ${path}` };
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new CliError(`the stored access token cannot be read path=${path}`, {
        exitCode: 3,
        hint: "store it again: s2kit auth access-token set",
      });
    }
  }
  const plain = config.access_token;
  if (typeof plain === "string" && plain !== "")
    return { token: checkedToken(plain), source: `configuration file ${configPath(env)}` };
  return undefined;
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
  return url;
}

function storedTokenId(config: TomlTable): string | undefined {
  const entry = config.stored_access_token;
  if (typeof entry !== "object" || Array.isArray(entry)) return undefined;
  const id = (entry as TomlTable).credential_id;
  return typeof id === "string" ? id : undefined;
}

function tokenPath(directory: string, id: string): string {
  const hash = createHash("sha256").update(id).digest("base64url");
  return join(directory, `access-token-${hash}.json`);
}

async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await refuseSymlink(directory);
}

/** A link could lead the credential into somebody else's directory. */
async function refuseSymlink(directory: string): Promise<void> {
  const stat = await lstat(directory);
  if (stat.isSymbolicLink())
    throw new CliError(`the configuration directory is a symbolic link path=${directory}`, {
      hint: "make it a real directory; secrets are not written through links",
    });
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** One writer at a time; a lock that outlives its patience is somebody's crash and is named. */
async function withLock(path: string, action: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      await (await open(path, "wx", 0o600)).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (Date.now() > deadline)
        throw new CliError(`the configuration is locked path=${path}`, {
          hint: "remove the lock file if no other s2kit is running",
        });
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  }
  try {
    await action();
  } finally {
    await rm(path, { force: true });
  }
}
