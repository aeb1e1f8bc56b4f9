// What signs requests, and where it may come from. Secrets are kept from whatever prints objects:
// they are no enumerable properties. Nobody here knows how requests are signed.

/** Keys of an AWS-like account, for a while or for good. */
export interface Credentials {
  readonly accessKeyId: string;
  /** Not enumerable: neither printed, nor logged, nor copied by spreading. */
  readonly secretAccessKey: string;
  /** Not enumerable. */
  readonly sessionToken: string | undefined;
  /** Wall clock ms; undefined when they hold until someone takes them away. */
  readonly expiresAtMs: number | undefined;
}

export interface CredentialValues {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiresAtMs?: number | undefined;
}

export function createCredentials(values: CredentialValues): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = values;
  return Object.freeze(
    Object.defineProperties({} as Credentials, {
      accessKeyId: { value: accessKeyId, enumerable: true },
      secretAccessKey: { value: secretAccessKey },
      sessionToken: { value: sessionToken },
      expiresAtMs: { value: expiresAtMs, enumerable: true },
    }),
  );
}

/** A place where credentials may be. */
export interface CredentialSource {
  /** For messages: `environment`, `profile default`, ... */
  readonly name: string;
  /**
   * Undefined when nothing is set up here.
   *
   * @throws {CredentialsError} when something is set up and does not work
   */
  load(): Promise<Credentials | undefined>;
}

/** No credentials, and why. The message holds none. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
}
