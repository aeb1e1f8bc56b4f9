// The declarative face of @s2kit/core: the resource spec, which the command line applies and a
// server takes as its init file, and the durations in it. One file that two programs read has one
// parser. Spec: cli#file-format.

export {
  compactDuration,
  longDuration,
  parseDurationMs,
  parseDurationSecs,
} from "./duration.js";
export {
  type BasinSpec,
  parseResourceSpec,
  type SpecMistake,
  type StreamSpec,
} from "./resource-spec.js";
