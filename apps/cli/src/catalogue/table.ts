// The one table of commands. Parser, help, completion and the tests read it; a command that is not
// here does not exist.

import type { CommandSpec } from "../frame/command.js";
import { ACCOUNT_COMMANDS } from "./account-commands.js";
import { CHECK_COMMANDS } from "./check-commands.js";
import { CONTEXT_COMMANDS } from "./context-commands.js";
import { DECLARATIVE_COMMANDS } from "./declarative-commands.js";
import { RECORD_COMMANDS } from "./record-commands.js";
import { BASIN_COMMANDS, STREAM_COMMANDS } from "./resource-commands.js";
import { SETUP_COMMANDS } from "./setup-commands.js";
import { START_COMMANDS } from "./start-commands.js";

export const COMMANDS: readonly CommandSpec[] = [
  ...START_COMMANDS,
  ...RECORD_COMMANDS,
  ...BASIN_COMMANDS,
  ...STREAM_COMMANDS,
  ...ACCOUNT_COMMANDS,
  ...DECLARATIVE_COMMANDS,
  ...CHECK_COMMANDS,
  ...CONTEXT_COMMANDS,
  ...SETUP_COMMANDS,
];
