// Arbitrary names of basins, streams, tokens and locations, each legal for its kind: what tests of
// the control plane draw, and what configurations and tokens of resource.ts are made with.

import fc from "fast-check";
import {
  type AccessTokenId,
  accessTokenIdRule,
  type BasinName,
  type LocationName,
  type StreamName,
  streamNameRule,
} from "../../account/names.js";
import { anyText } from "./record.js";

/** Any name of a basin. */
export function anyBasinName(): fc.Arbitrary<BasinName> {
  return fc.stringMatching(/^[a-z0-9][a-z0-9-]{6,46}[a-z0-9]$/).map((name) => name as BasinName);
}

/** Any name of a stream. */
export function anyStreamName(): fc.Arbitrary<StreamName> {
  return anyText()
    .filter((name) => streamNameRule(name) === undefined)
    .map((name) => name as StreamName);
}

/** Any id of a token. */
export function anyAccessTokenId(): fc.Arbitrary<AccessTokenId> {
  return anyText()
    .filter((id) => accessTokenIdRule(id) === undefined)
    .map((id) => id as AccessTokenId);
}

/** Any name of a location. */
export function anyLocationName(): fc.Arbitrary<LocationName> {
  return fc.stringMatching(/^[A-Za-z0-9:.-]{1,64}$/).map((name) => name as LocationName);
}
