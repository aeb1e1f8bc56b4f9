// A bucket client before a double, for the tests of both.

import { type Clock, systemClock } from "@s2kit/core";
import { CredentialKeeper } from "../../../../src/storage/object/client/credentials/credential-keeper.js";
import { createCredentials } from "../../../../src/storage/object/client/credentials/credentials.js";
import { resolveS3, type S3Options } from "../../../../src/storage/object/client/s3/s3-settings.js";
import { S3Store } from "../../../../src/storage/object/client/s3/s3-store.js";
import { Sender } from "../../../../src/storage/object/client/wire/send.js";
import {
  type BucketDouble,
  type DoubleOptions,
  KEYS,
  startDouble,
} from "../../../support/bucket-double/double.js";

export interface BucketHarness extends AsyncDisposable {
  readonly double: BucketDouble;
  readonly store: S3Store;
}

export interface HarnessOptions {
  readonly double?: DoubleOptions;
  readonly client?: Partial<S3Options>;
  readonly keys?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly clock?: Clock;
}

export async function openHarness(options: HarnessOptions = {}): Promise<BucketHarness> {
  const { clock = systemClock, keys = KEYS } = options;
  const double = await startDouble(options.double);
  const client = {
    bucket: "bucket",
    prefix: "the prefix",
    endpoint: double.url,
    ...options.client,
  };
  const settings = resolveS3(client, {});
  const sender = new Sender(clock, settings.maxSockets);
  const source = { name: "the test", load: async () => createCredentials(keys) };
  const credentials = new CredentialKeeper(source, clock);
  const store = new S3Store(settings, { clock, sender, credentials });
  const close = async (): Promise<void> => {
    sender.close();
    await double.close();
  };
  return { double, store, [Symbol.asyncDispose]: close };
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
