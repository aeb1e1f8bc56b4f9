// The one table of commands. Parser, help, completion and the tests read it; a command that is not
// here does not exist.

import type { CommandSpec } from "../command.js";
import { RECORD_COMMANDS } from "./record-commands.js";
import { BASIN_COMMANDS, STREAM_COMMANDS } from "./resource-commands.js";
import { START_COMMANDS } from "./start-commands.js";

export const COMMANDS: readonly CommandSpec[] = [
  ...START_COMMANDS,
  ...RECORD_COMMANDS,
  ...BASIN_COMMANDS,
  ...STREAM_COMMANDS,
];
