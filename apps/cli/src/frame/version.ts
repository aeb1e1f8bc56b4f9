// The version of this command, as its package says. It is written into the bundle when that is
// built (tsup `define`).

declare const S2KIT_VERSION: string;

export const VERSION: string = S2KIT_VERSION;
