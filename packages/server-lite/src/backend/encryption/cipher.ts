// The two stream ciphers behind one face: seal and open one record. aes-256-gcm is the platform's;
// aegis-256 comes from libsodium, which is WebAssembly and loaded when a stream first needs it.
// Layout, keys and errors of the API are not its concern. Spec: data-plane#encryption.

import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import type { StreamCipher } from "@s2kit/core/control";

/** Length of the authentication tag of both ciphers. */
export const CIPHER_TAG_BYTES = 16;

/** One cipher under one key. */
export interface RecordCipher {
  readonly name: StreamCipher;
  readonly nonceBytes: number;
  /** Ciphertext and tag. */
  seal(plaintext: Uint8Array, nonce: Uint8Array, associated: Uint8Array): Uint8Array;
  /**
   * The plaintext; undefined when key, nonce, associated data or ciphertext do not belong together.
   *
   * @param sealed - ciphertext and tag; borrowed
   */
  open(sealed: Uint8Array, nonce: Uint8Array, associated: Uint8Array): Uint8Array | undefined;
}

/** @param key - 32 bytes; copied */
export async function createRecordCipher(
  name: StreamCipher,
  key: Uint8Array,
): Promise<RecordCipher> {
  return name === "aes-256-gcm" ? aes256Gcm(key) : aegis256(key, await loadSodium());
}

type Sodium = typeof import("libsodium-wrappers")["default"];

let sodium: Promise<Sodium> | undefined;

function loadSodium(): Promise<Sodium> {
  const load = async (): Promise<Sodium> => {
    const { default: loaded } = await import("libsodium-wrappers");
    await loaded.ready;
    return loaded;
  };
  sodium ??= load();
  return sodium;
}

function aes256Gcm(key: Uint8Array): RecordCipher {
  // A key object: importing the raw key for each record takes four times as long as a small one.
  const secret = createSecretKey(key);
  const options = { authTagLength: CIPHER_TAG_BYTES };
  return {
    name: "aes-256-gcm",
    nonceBytes: 12,
    seal(plaintext, nonce, associated) {
      const cipher = createCipheriv("aes-256-gcm", secret, nonce, options);
      cipher.setAAD(associated);
      const sealed = new Uint8Array(plaintext.length + CIPHER_TAG_BYTES);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    open(sealed, nonce, associated) {
      const decipher = createDecipheriv("aes-256-gcm", secret, nonce, options);
      decipher.setAAD(associated);
      decipher.setAuthTag(sealed.subarray(sealed.length - CIPHER_TAG_BYTES));
      const plaintext = decipher.update(sealed.subarray(0, sealed.length - CIPHER_TAG_BYTES));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return plaintext;
    },
  };
}

function aegis256(key: Uint8Array, lib: Sodium): RecordCipher {
  const secret = Uint8Array.from(key);
  return {
    name: "aegis-256",
    nonceBytes: 32,
    // The tag follows the ciphertext here too.
    seal: (plaintext, nonce, associated) =>
      lib.crypto_aead_aegis256_encrypt(plaintext, associated, null, nonce, secret),
    open(sealed, nonce, associated) {
      try {
        return lib.crypto_aead_aegis256_decrypt(null, sealed, associated, nonce, secret);
      } catch {
        return undefined;
      }
    },
  };
}
