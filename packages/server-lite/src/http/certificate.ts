// The certificate of a TLS listener: given as PEM text, or made on the spot for development. A made
// one is trusted by nobody and lives as long as the process. Spec: cli#lite.

import { X509Certificate } from "node:crypto";
import { type Clock, S2Error } from "@s2kit/core";
import { makeSelfSigned } from "./x509.js";

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

/**
 * When a given certificate ends, in seconds since the epoch; undefined for one that is made here,
 * which lives as long as the process, and for what is no certificate: the listener refuses it.
 */
export function certificateEndsSecs(settings: TlsSettings | undefined): number | undefined {
  if (settings === undefined || "selfSigned" in settings) return undefined;
  try {
    const endMs = Date.parse(new X509Certificate(settings.cert).validTo);
    return Number.isNaN(endMs) ? undefined : endMs / 1000;
  } catch {
    return undefined;
  }
}

/** @throws {S2Error} `INVALID_ARGUMENT` when no certificate can be made for the host */
export function certificateOf(settings: TlsSettings, host: string, clock: Clock): Certificate {
  if (!("selfSigned" in settings)) return settings;
  const now = clock.now();
  try {
    return makeSelfSigned({
      commonName: "localhost",
      hosts: [...new Set(["localhost", "127.0.0.1", "::1", host])],
      notBeforeMs: now - BACKDATE_MS,
      notAfterMs: now + LIFETIME_MS,
    });
  } catch (cause) {
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: `cannot make a certificate host=${host}`,
      cause,
    });
  }
}
