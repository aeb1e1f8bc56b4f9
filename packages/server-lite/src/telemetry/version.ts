// The version of this package, written into its bundle when that is built (tsup `define`). Sources
// that run as they are have none.

declare const S2KIT_SERVER_VERSION: string | undefined;

export const SERVER_VERSION: string =
  typeof S2KIT_SERVER_VERSION === "string" ? S2KIT_SERVER_VERSION : "source";
