// The refusal of what can be read and breaks a rule, for every room of the backend. Refusals with a
// code of their own are where they are found.

import { S2Error } from "@s2kit/core";

export function invalid(message: string): S2Error {
  return new S2Error({ code: "invalid", message });
}
