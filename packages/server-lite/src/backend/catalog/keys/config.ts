// How configurations of basins and streams are stored: as they are in memory, without the leaves
// that are not set. Not the JSON of the API. Pure.

import {
  type BasinConfig,
  DEFAULT_STREAM_CONFIG,
  type ResolvedStreamConfig,
  type RetentionPolicy,
  resolveStreamConfig,
  STREAM_CIPHERS,
  type StreamCipher,
  type StreamConfig,
  TIMESTAMPING_MODES,
} from "@s2kit/core/control";
import { type Decode, flag, number, object, oneOf, optional, text } from "./decode.js";

export const cipher: Decode<StreamCipher> = oneOf(STREAM_CIPHERS);

export const streamConfig: Decode<StreamConfig> = (json) => {
  const { storageClass, retentionPolicy, timestamping, deleteOnEmpty } = object(json);
  return {
    storageClass: optional(text)(storageClass),
    retentionPolicy: optional(retention)(retentionPolicy),
    timestamping: optional((times) => {
      const { mode, uncapped } = object(times);
      return {
        mode: optional(oneOf(TIMESTAMPING_MODES))(mode),
        uncapped: optional(flag)(uncapped),
      };
    })(timestamping),
    deleteOnEmpty: optional((empty) => ({
      minAgeSecs: optional(number)(object(empty).minAgeSecs),
    }))(deleteOnEmpty),
  };
};

/** A leaf that an earlier version did not know has its default. */
export const resolvedStreamConfig: Decode<ResolvedStreamConfig> = (json) =>
  resolveStreamConfig(streamConfig(json), DEFAULT_STREAM_CONFIG);

export const basinConfig: Decode<BasinConfig> = (json) => {
  const { defaultStreamConfig, streamCipher, createStreamOnAppend, createStreamOnRead } =
    object(json);
  return {
    defaultStreamConfig: optional(streamConfig)(defaultStreamConfig),
    streamCipher: optional(cipher)(streamCipher),
    createStreamOnAppend: optional(flag)(createStreamOnAppend) ?? false,
    createStreamOnRead: optional(flag)(createStreamOnRead) ?? false,
  };
};

function retention(json: unknown): RetentionPolicy {
  const { ageSecs, infinite } = object(json);
  if (infinite !== undefined) return { infinite: {} };
  return { ageSecs: number(ageSecs) };
}
