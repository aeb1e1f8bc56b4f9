// The version, written into the bundle when it is built (tsup `define`).
// Nothing else.

declare const S2KIT_VERSION: string;

export const VERSION: string = S2KIT_VERSION;
