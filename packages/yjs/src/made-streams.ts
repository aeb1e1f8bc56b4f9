// Streams that are there when they are needed: made when one turns out to be missing, so that
// whoever may not make streams can still edit in one that is there.

import type { S2Basin, StreamConfigInput } from "@s2kit/client";
import { S2Error } from "@s2kit/core";

/** Records of a document are the document: no age removes them. */
export const DOCUMENT_CONFIG: StreamConfigInput = { retentionPolicy: { infinite: {} } };
/** Who was there an hour ago is nobody's matter. */
export const PRESENCE_CONFIG: StreamConfigInput = { retentionPolicy: { ageSecs: 3600 } };

/**
 * Makes the stream that an error says is missing.
 *
 * @returns false when the error says something else
 */
export async function madeMissing(
  error: unknown,
  basin: S2Basin,
  stream: string,
  config: StreamConfigInput,
): Promise<boolean> {
  if (!isCoded(error, "stream_not_found")) return false;
  try {
    await basin.streams.create({ stream, config });
  } catch (refusal) {
    // Somebody was faster.
    if (!isCoded(refusal, "resource_already_exists")) throw refusal;
  }
  return true;
}

export function isCoded(error: unknown, ...codes: readonly S2Error["code"][]): boolean {
  return error instanceof S2Error && codes.includes(error.code);
}
