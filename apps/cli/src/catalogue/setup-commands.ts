// The commands about the tool itself: configuration, credentials, help, completion, as data.
// Spec: cli#configuration-and-credentials, cli#version-and-updates, cli#conventions.

import type { CommandSpec, OptionSpec } from "../frame/command.js";
import { oneOf } from "../values/flag-values.js";

const INSECURE_STORAGE: OptionSpec = {
  name: "insecure-storage",
  help: "keep it in a file of mode 0600 instead of the secret store of the platform",
};

export const SETUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "config-list",
    words: "config list",
    group: "Setup",
    summary: "Print what the configuration file sets",
    examples: ["s2kit config list"],
    load: () => import("../commands/config-list.js"),
  },
  {
    name: "config-get",
    words: "config get",
    group: "Setup",
    summary: "Print one value of the configuration file",
    args: [{ name: "key", help: "account_endpoint, basin_endpoint, compression, ssl_no_verify" }],
    examples: ["s2kit config get account_endpoint"],
    load: () => import("../commands/config-get.js"),
  },
  {
    name: "config-set",
    words: "config set",
    group: "Setup",
    summary: "Set a value in the configuration file",
    args: [
      { name: "key", help: "account_endpoint, basin_endpoint, compression, ssl_no_verify" },
      { name: "value", help: "its value" },
    ],
    examples: ["s2kit config set account_endpoint http://localhost:8080"],
    load: () => import("../commands/config-set.js"),
  },
  {
    name: "config-unset",
    words: "config unset",
    group: "Setup",
    summary: "Remove a value from the configuration file",
    args: [{ name: "key", help: "as in config set" }],
    examples: ["s2kit config unset compression"],
    load: () => import("../commands/config-unset.js"),
  },
  {
    name: "auth-status",
    words: "auth status",
    group: "Setup",
    summary: "Say where you are connected and as whom; exit 1 when not",
    examples: ["s2kit auth status"],
    load: () => import("../commands/auth-status.js"),
  },
  {
    name: "auth-access-token-set",
    words: "auth access-token set",
    group: "Setup",
    summary: "Keep an access token in the secret store of this machine",
    options: [{ name: "stdin", help: "read it from stdin" }, INSECURE_STORAGE],
    examples: ["pass show s2 | s2kit auth access-token set --stdin"],
    load: () => import("../commands/auth-access-token-set.js"),
  },
  {
    name: "auth-access-token-migrate",
    words: "auth access-token migrate",
    group: "Setup",
    summary: "Move a token out of the configuration file into the secret store",
    options: [INSECURE_STORAGE],
    examples: ["s2kit auth access-token migrate"],
    load: () => import("../commands/auth-access-token-migrate.js"),
  },
  {
    name: "auth-access-token-remove",
    words: "auth access-token remove",
    group: "Setup",
    summary: "Forget the stored token; the server is not told",
    examples: ["s2kit auth access-token remove"],
    load: () => import("../commands/auth-access-token-remove.js"),
  },
  {
    name: "auth-use",
    words: "auth use",
    group: "Setup",
    summary: "Choose what to log in with: the stored access token",
    args: [
      {
        name: "method",
        help: "access-token (browser-login is not offered)",
        parse: oneOf(["access-token", "browser-login"]),
      },
    ],
    examples: ["s2kit auth use access-token"],
    load: () => import("../commands/auth-use.js"),
  },
  {
    name: "login",
    aliases: ["auth login", "logout", "auth logout"],
    group: "Setup",
    summary: "Browser login, which these servers do not offer",
    args: [{ name: "rest", help: "ignored", optional: true }],
    options: [
      { name: "no-open", help: "ignored" },
      { name: "local-only", help: "ignored" },
      INSECURE_STORAGE,
    ],
    hidden: true,
    examples: ["s2kit auth access-token set"],
    load: () => import("../commands/login.js"),
  },
  {
    name: "completion",
    group: "Setup",
    summary: "Print the completion script of a shell",
    args: [{ name: "shell", help: "bash, zsh or fish" }],
    examples: [
      "source <(s2kit completion bash)",
      "s2kit completion fish > ~/.config/fish/completions/s2kit.fish",
    ],
    load: () => import("../commands/completion.js"),
  },
  {
    name: "complete",
    group: "Setup",
    summary: "Print what may come next on a command line; completion scripts ask this",
    args: [{ name: "typed", help: "the words typed so far", variadic: true, optional: true }],
    hidden: true,
    examples: ["s2kit complete -- read s2://my"],
    load: () => import("../commands/complete.js"),
  },
  {
    name: "help",
    group: "Setup",
    summary: "Explain formats, uris, env or exit-codes, or a command",
    args: [{ name: "topic", help: "a topic or a command", optional: true, variadic: true }],
    examples: ["s2kit help formats", "s2kit help append"],
    load: () => import("../commands/help.js"),
  },
  {
    name: "update",
    group: "Setup",
    summary: "Say how to update; nothing is replaced",
    options: [
      { name: "check", help: "print the installed version" },
      { name: "skip", help: "accepted for scripts" },
      { name: "yes", short: "y", help: "accepted for scripts" },
    ],
    examples: ["s2kit update"],
    hidden: true,
    load: () => import("../commands/update.js"),
  },
];
