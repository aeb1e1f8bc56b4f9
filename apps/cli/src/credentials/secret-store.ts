// What a secret store of the platform offers to the rest of the command line, and the name our
// items have in it. The stores behind it differ by platform. Spec: cli#stored-tokens.

/** Items carry it, also those of the field's other command: both find each other's tokens. */
export const SECRET_SERVICE_NAME = "s2-cli";

export interface SecretStore {
  /** For people: `the login keychain`. */
  readonly label: string;
  /** Keeps the secret under this account, replacing an earlier one. @throws {CliError} */
  put(account: string, secret: string): Promise<void>;
  /** Undefined when there is no such item. @throws {CliError} when the store is locked or fails */
  get(account: string): Promise<string | undefined>;
  /** False when there was no such item. @throws {CliError} when the store is locked or fails */
  remove(account: string): Promise<boolean>;
}

export interface PlatformSettings {
  readonly env: NodeJS.ProcessEnv;
  /** How long the command of the store may take. Default: two minutes, people unlock keyrings. */
  readonly patienceMs?: number;
}
