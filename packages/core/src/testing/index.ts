// The face of @s2kit/core/testing: time, chance and arbitrary values under control of a test. Names
// are listed one by one; nothing here may be imported by code that ships. Needs fast-check.

export { type Random, randomInteger, seededRandom } from "../random.js";
export {
  anyAccessTokenId,
  anyBasinName,
  anyLocationName,
  anyStreamName,
} from "./arbitraries/names.js";
export {
  anyAppendAck,
  anyAppendInput,
  anyAppendRecord,
  anyBytes,
  anyCommandRecord,
  anyFencingToken,
  anyHeader,
  anyPosition,
  anyReadBatch,
  anyReadFrom,
  anyReadQuery,
  anySequencedRecord,
  anyText,
  anyU64,
} from "./arbitraries/record.js";
export {
  anyAccessTokenInfo,
  anyAccessTokenScope,
  anyBasinConfig,
  anyBasinInfo,
  anyBasinReconfiguration,
  anyIssueAccessTokenRequest,
  anyLocationInfo,
  anyMetric,
  anyMetricsQuery,
  anyPage,
  anyResolvedStreamConfig,
  anyResourceSet,
  anyRetentionPolicy,
  anyRfc3339,
  anyStreamConfig,
  anyStreamInfo,
  anyStreamReconfiguration,
} from "./arbitraries/resource.js";
export {
  anyChunking,
  anyLastEventId,
  anyMessageFrame,
  anyServerError,
  anyTerminalFrame,
} from "./arbitraries/session.js";
export { createSimulatedClock, type LiveTimer, type SimulatedClock } from "./simulated-clock.js";
