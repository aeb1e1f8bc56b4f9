// Every entry that is fuzzed.

import type { Entry } from "../engine/entry.js";
import { answerJson, events, readAnswers } from "./answers.js";
import { appendJson, appendMessages } from "./appends.js";
import { dataObjects } from "./bucket-objects.js";
import { flagValues, recordFormats, rpcLines, specs, transferFiles } from "./command-files.js";
import { requestHeads, webSockets } from "./doors.js";
import { compressedBodies, frameDecoder } from "./frames.js";
import { dataFiles, logGroups } from "./log-files.js";
import { otlpJson, otlpProtobuf } from "./otlp.js";
import { controlJson, headers, queries, targets } from "./requests.js";
import { directoryFiles, stateEntries } from "./state-entries.js";

export const ENTRIES: readonly Entry[] = [
  frameDecoder,
  compressedBodies,
  appendMessages,
  appendJson,
  otlpJson,
  otlpProtobuf,
  events,
  readAnswers,
  answerJson,
  targets,
  queries,
  headers,
  controlJson,
  logGroups,
  dataFiles,
  dataObjects,
  stateEntries,
  directoryFiles,
  recordFormats,
  transferFiles,
  specs,
  flagValues,
  rpcLines,
  requestHeads,
  webSockets,
];
