// The Secret Service of a Linux desktop (GNOME Keyring, KWallet, KeePassXC) through `secret-tool`:
// secrets by stdin and stdout. Its exit code 1 means "no such item", "locked" and "no service"
// alike, so a search, which lists locked items too, tells them apart. Spec: cli#stored-tokens.

import { CliError } from "../values/failure.js";
import { type CommandResult, runCommand } from "./run-command.js";
import { type PlatformSettings, SECRET_SERVICE_NAME, type SecretStore } from "./secret-store.js";

const LABEL = "the secret service of this desktop";

export function openSecretService(
  settings: PlatformSettings & { readonly command: string },
): SecretStore {
  const call = (args: readonly string[], input?: string): Promise<CommandResult> =>
    runCommand({ ...settings, args, ...(input === undefined ? {} : { input }) });

  /** Why the last call failed: locked, or out of reach; returns when there is no such item. */
  const requireMissing = async (account: string, failed: CommandResult): Promise<void> => {
    const found = await call(["search", "--all", ...attributesOf(account)]);
    if (found.code !== 0) throw failure("does not answer", found);
    // Attributes are on stderr in newer versions.
    if (/attribute\.|^label = /m.test(found.stdout + found.stderr))
      throw failure("is locked", failed);
  };

  return {
    label: LABEL,
    async put(account, secret) {
      const label = `--label=keyring:${account}@${SECRET_SERVICE_NAME}`;
      const stored = await call(["store", label, ...attributesOf(account)], secret);
      if (stored.code !== 0) throw failure("did not take the access token", stored);
    },
    async get(account) {
      const found = await call(["lookup", ...attributesOf(account)]);
      if (found.code === 0) return found.stdout;
      await requireMissing(account, found);
      return undefined;
    },
    async remove(account) {
      const cleared = await call(["clear", ...attributesOf(account)]);
      if (cleared.code === 0) return true;
      await requireMissing(account, cleared);
      return false;
    },
  };
}

function attributesOf(account: string): string[] {
  return ["service", SECRET_SERVICE_NAME, "username", account];
}

/** Quotes only what `secret-tool` itself says, which names no secret. */
function failure(what: string, { code, stderr }: CommandResult): CliError {
  const said = /^secret-tool: (.+)$/m.exec(stderr)?.[1];
  return new CliError(`${LABEL} ${what}${code === null ? " in time" : ""}`, {
    ...(said === undefined ? {} : { cause: new Error(said) }),
    exitCode: 3,
    hint: "unlock the keyring of your session; without one: S2_ACCESS_TOKEN, or s2kit auth access-token set --insecure-storage",
  });
}
