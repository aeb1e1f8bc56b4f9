// A location on a line: `aws:us-east-1 (public)`.
// Spec: cli#locations-commands.

import { type LocationInfo, locationInfoToJson } from "@s2kit/core/control";
import type { Output } from "../frame/output.js";

export async function showLocation(out: Output, location: LocationInfo): Promise<void> {
  if (out.isJson) return await out.json(locationInfoToJson(location));
  const kind = location.isPrivate
    ? out.paintData("(private)", "yellow")
    : out.paintData("(public)", "green");
  await out.line(`${location.name} ${kind}`);
}
