// The certificate of a TLS listener: given as PEM text, or made on the spot for development. A made
// one is trusted by nobody and lives as long as the process. Spec: cli#lite.

import { type Clock, S2Error } from "@s2kit/core";

/** The certificate of a server, or one that it makes for itself. */
export type TlsSettings =
  /** PEM text, not file names. */
  { readonly cert: string; readonly key: string } | { readonly selfSigned: true };

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const LIFETIME_MS = 365 * 24 * 60 * 60 * 1000;
/** Clocks of clients may be a little behind ours. */
const BACKDATE_MS = 60 * 60 * 1000;

/** @throws {S2Error} `INVALID_ARGUMENT` when no certificate can be made for the host */
export async function certificateOf(
  settings: TlsSettings,
  host: string,
  clock: Clock,
): Promise<Certificate> {
  if (!("selfSigned" in settings)) return settings;
  const now = clock.now();
  try {
    // Loaded only here: a server with its own certificate, or without TLS, never needs it.
    const { generate } = await import("selfsigned");
    const made = await generate([{ name: "commonName", value: "localhost" }], {
      keyType: "ec",
      notBeforeDate: new Date(now - BACKDATE_MS),
      notAfterDate: new Date(now + LIFETIME_MS),
      extensions: [{ name: "subjectAltName", altNames: alternativeNames(host) }],
    });
    return { cert: made.cert, key: made.private };
  } catch (cause) {
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: `cannot make a certificate host=${host}`,
      cause,
    });
  }
}

type AlternativeName =
  | { readonly type: 2; readonly value: string }
  | { readonly type: 7; readonly ip: string };

function alternativeNames(host: string): AlternativeName[] {
  const names: AlternativeName[] = [
    { type: 2, value: "localhost" },
    { type: 7, ip: "127.0.0.1" },
    { type: 7, ip: "::1" },
  ];
  if (host === "localhost" || host === "127.0.0.1" || host === "::1") return names;
  const isAddress = /^[\d.]+$/.test(host) || host.includes(":");
  return [...names, isAddress ? { type: 7, ip: host } : { type: 2, value: host }];
}
