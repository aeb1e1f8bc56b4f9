// The key of an encrypted stream, from flag, file or environment; a flag wins over the
// environment. The key is never printed. Spec: cli#environment, cli#conventions.

import { readFile } from "node:fs/promises";
import type { Input } from "../frame/input.js";
import { CliError } from "../values/failure.js";

/** @param prefix - of the two options, for a command that knows several keys */
export async function encryptionKeyOf(
  input: Input,
  env: NodeJS.ProcessEnv,
  prefix: "" | "target-" = "",
): Promise<string | undefined> {
  const direct = input.get<string>(`${prefix}encryption-key`);
  if (direct !== undefined) return direct;
  const path = input.get<string>(`${prefix}encryption-key-file`);
  if (path === undefined) return env.S2_ENCRYPTION_KEY === "" ? undefined : env.S2_ENCRYPTION_KEY;
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new CliError(`cannot read the encryption key path=${path}`, { cause: error });
  }
}
