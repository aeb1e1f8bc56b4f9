// The login keychain of macOS through `security`. Its interactive mode takes commands from stdin:
// that keeps the secret out of the arguments. There it is written in hexadecimal digits, which need
// no quoting; the keychain holds the text itself. Spec: cli#stored-tokens.

import { CliError } from "../values/failure.js";
import { type CommandResult, runCommand } from "./run-command.js";
import { type PlatformSettings, SECRET_SERVICE_NAME, type SecretStore } from "./secret-store.js";

const LABEL = "the login keychain";
/** `errSecItemNotFound` as an exit code. */
const NO_SUCH_ITEM = 44;
/** `security` reads its commands into a buffer of 4096. */
const MAX_LINE_BYTES = 4000;

export function openKeychain(
  settings: PlatformSettings & { readonly command: string },
): SecretStore {
  const call = (args: readonly string[], input = ""): Promise<CommandResult> =>
    runCommand({ ...settings, args, input });
  return {
    label: LABEL,
    async put(account, secret) {
      const hex = Buffer.from(secret).toString("hex");
      const line = `add-generic-password -U ${namesOf(account).join(" ")} -X ${hex}\n`;
      if (line.length > MAX_LINE_BYTES)
        throw new CliError("the access token is too long for the keychain", {
          hint: "keep it in a file of mode 0600: --insecure-storage",
        });
      const stored = await call(["-i"], line);
      if (stored.code !== 0) throw failure("did not take the access token", stored);
    },
    async get(account) {
      const found = await call(["find-generic-password", ...namesOf(account), "-w"]);
      if (found.code === 0) return found.stdout.replace(/\n$/, "");
      if (found.code === NO_SUCH_ITEM) return undefined;
      throw failure("did not give the access token", found);
    },
    async remove(account) {
      const removed = await call(["delete-generic-password", ...namesOf(account)]);
      if (removed.code === 0) return true;
      if (removed.code === NO_SUCH_ITEM) return false;
      throw failure("did not remove the access token", removed);
    },
  };
}

function namesOf(account: string): string[] {
  return ["-s", SECRET_SERVICE_NAME, "-a", account];
}

/** Its stderr is not quoted: in interactive mode it may repeat the line, and the secret with it. */
function failure(what: string, { code }: CommandResult): CliError {
  return new CliError(`${LABEL} ${what} exitCode=${code ?? "none, not in time"}`, {
    exitCode: 3,
    hint: "unlock it: security unlock-keychain; without one: S2_ACCESS_TOKEN, or s2kit auth access-token set --insecure-storage",
  });
}
