// Everything that the reference of the command is made from: its table, the options of all
// commands, the topics of `help`. Built to a file of its own that runs nothing; the documents of
// the repository load it.

import type { CommandSpec, OptionSpec } from "../frame/command.js";
import { GLOBAL_OPTIONS } from "../frame/global-options.js";
import { HELP_TOPICS } from "../frame/help-topics.js";
import { COMMANDS } from "./table.js";

/** See above. */
export interface CommandReference {
  readonly commands: readonly CommandSpec[];
  readonly globalOptions: readonly OptionSpec[];
  /** Texts by topic; the first line is a title. */
  readonly topics: ReadonlyMap<string, string>;
}

export const REFERENCE: CommandReference = {
  commands: COMMANDS,
  globalOptions: GLOBAL_OPTIONS,
  topics: HELP_TOPICS,
};
