// A certificate that signs itself, with a key of its own: the one form that a TLS server for
// development needs. X.509 version 3 with a key on P-256, written here since the libraries for it
// bring twenty packages; tests have OpenSSL read it. RFC 5280, 4.1 and 4.2.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { isIP } from "node:net";
import {
  bitString,
  DER_TRUE,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from "./der.js";

const COMMON_NAME = "2.5.4.3";
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const KEY_USAGE = "2.5.29.15";
const SUBJECT_ALT_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/** Bit 0 of KeyUsage: the key signs. */
const DIGITAL_SIGNATURE = 0x80;
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const SERIAL_BYTES = 16;

export interface SelfSignedSettings {
  readonly commonName: string;
  /** Names in ASCII, and addresses: what clients may call the server. */
  readonly hosts: readonly string[];
  /** Unix milliseconds; the certificate has whole seconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Both as PEM text; the key is PKCS #8.
 *
 * @throws {RangeError} when a host is neither an address nor a name in ASCII
 */
export function makeSelfSigned(settings: SelfSignedSettings): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const name = sequence(
    setOf(sequence(objectIdentifier(COMMON_NAME), utf8String(settings.commonName))),
  );
  const subjectKey = publicKey.export({ type: "spki", format: "der" });
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    // As unique as the key: no two of one issuer may be the same.
    integer(createHash("sha256").update(subjectKey).digest().subarray(0, SERIAL_BYTES)),
    algorithm,
    name,
    sequence(time(settings.notBeforeMs), time(settings.notAfterMs)),
    name,
    subjectKey,
    explicit(3, extensions(settings.hosts)),
  );
  const signature = sign("sha256", body, privateKey);
  return {
    cert: pem(sequence(body, algorithm, bitString(signature))),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function extensions(hosts: readonly string[]): Uint8Array {
  const names = hosts.map(generalName);
  return sequence(
    // No authority: whoever trusts it trusts this server and nothing that it could sign.
    extension(BASIC_CONSTRAINTS, sequence(), true),
    extension(KEY_USAGE, bitString(Uint8Array.of(DIGITAL_SIGNATURE), 7), true),
    extension(EXTENDED_KEY_USAGE, sequence(objectIdentifier(SERVER_AUTH))),
    extension(SUBJECT_ALT_NAME, sequence(...names)),
  );
}

function extension(id: string, content: Uint8Array, isCritical = false): Uint8Array {
  const critical = isCritical ? [DER_TRUE] : [];
  return sequence(objectIdentifier(id), ...critical, octetString(content));
}

function generalName(host: string): Uint8Array {
  const family = isIP(host);
  if (family !== 0) return implicit(IP_ADDRESS, family === 4 ? ipv4Bytes(host) : ipv6Bytes(host));
  if (!/^[\w.*-]{1,253}$/.test(host))
    throw new RangeError(`a certificate names addresses and names in ASCII host=${host}`);
  return implicit(DNS_NAME, Buffer.from(host));
}

const ipv4Bytes = (host: string): Uint8Array => Uint8Array.from(host.split(".").map(Number));

/** Of an address that was found valid, with or without a zone. */
function ipv6Bytes(host: string): Uint8Array {
  // The URL parser writes an embedded IPv4 address as two groups.
  const plain = new URL(`http://[${host.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [head = "", tail] = plain.split("::");
  const groups = (text: string): string[] => text.split(":").filter((group) => group !== "");
  const [left, right] = [groups(head), groups(tail ?? "")];
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  const all = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
