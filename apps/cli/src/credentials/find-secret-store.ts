// Which secret store this platform has, reached through the command that comes with it: the Secret
// Service by `secret-tool` on Linux, the login keychain by `security` on macOS. Elsewhere there is
// none and tokens need a file. No native module, nothing to install.
// Spec: cli#stored-tokens, cli#conventions.

import { openKeychain } from "./keychain.js";
import { findCommand } from "./run-command.js";
import { openSecretService } from "./secret-service.js";
import type { PlatformSettings, SecretStore } from "./secret-store.js";

/** The store, or why there is none. */
export type FoundStore =
  | { readonly store: SecretStore }
  | { readonly store: undefined; readonly reason: string; readonly remedy?: string };

export async function findSecretStore(
  settings: PlatformSettings & { readonly platform?: NodeJS.Platform },
): Promise<FoundStore> {
  const { env, platform = process.platform } = settings;
  if (platform === "darwin") {
    const command = await findCommand("security", env);
    if (command !== undefined) return { store: openKeychain({ ...settings, command }) };
    return { store: undefined, reason: "the command security is not on the PATH" };
  }
  if (platform === "win32")
    return { store: undefined, reason: "no secret store is used on this platform" };
  const command = await findCommand("secret-tool", env);
  if (command !== undefined) return { store: openSecretService({ ...settings, command }) };
  return {
    store: undefined,
    reason: "the command secret-tool is not on the PATH",
    remedy: "install secret-tool (package libsecret-tools on Debian and Ubuntu)",
  };
}
