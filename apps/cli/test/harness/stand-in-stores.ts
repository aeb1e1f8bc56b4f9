// Commands that behave like `secret-tool` and `security`, as recorded from the real ones: the same
// arguments, exit codes and messages, items in a file. They write down every argument they get, and
// can be told to be locked, out of reach, forgetful or mute.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type StandInMood = "fine" | "locked" | "unreachable" | "forgetful" | "mute";

const COMMON = `#!${process.execPath}
const fs = require("node:fs");
const path = require("node:path");
const here = __dirname;
const args = process.argv.slice(2);
fs.appendFileSync(path.join(here, "calls.jsonl"), JSON.stringify([path.basename(__filename), ...args]) + "\\n");
const mood = fs.readFileSync(path.join(here, "mood"), "utf8");
const file = path.join(here, "items.json");
const items = JSON.parse(fs.readFileSync(file, "utf8"));
const keep = () => fs.writeFileSync(file, JSON.stringify(items));
const end = (code, said) => { if (said) process.stderr.write(said + "\\n"); process.exitCode = code; };
if (mood === "mute") setInterval(() => {}, 1000); else main();
`;

const SECRET_TOOL = `${COMMON}
function main() {
  const [verb, ...rest] = args;
  if (mood === "unreachable") return end(1, "secret-tool: Cannot autolaunch D-Bus without X11 $DISPLAY");
  const words = rest.filter((word) => !word.startsWith("--"));
  const key = JSON.stringify(words);
  if (verb === "store") {
    const secret = fs.readFileSync(0, "utf8");
    if (mood === "locked") return end(1, "secret-tool: Cannot create an item in a locked collection");
    items[key] = mood === "forgetful" ? "" : secret;
    return keep();
  }
  if (verb === "lookup") {
    if (mood === "locked" || items[key] === undefined) return end(1);
    return process.stdout.write(items[key]);
  }
  if (verb === "clear") {
    if (mood === "locked" || items[key] === undefined) return end(1);
    delete items[key];
    return keep();
  }
  if (verb === "search" && items[key] !== undefined) {
    if (mood === "locked") process.stderr.write("secret-tool: Cannot get secret of a locked object\\n");
    process.stdout.write("[/1]\\nlabel = x\\n");
    process.stderr.write("attribute." + words[0] + " = " + words[1] + "\\n");
  }
}
`;

const SECURITY = `${COMMON}
function main() {
  const valueOf = (list, flag) => list[list.indexOf(flag) + 1];
  const keyOf = (list) => JSON.stringify([valueOf(list, "-s"), valueOf(list, "-a")]);
  if (args[0] === "-i") {
    const line = fs.readFileSync(0, "utf8");
    if (mood === "locked" || mood === "unreachable") return end(1, line + ": errSecInteractionNotAllowed");
    const list = line.trim().split(" ");
    const hex = valueOf(list, "-X");
    if (list[0] !== "add-generic-password" || !list.includes("-U")) return end(2, "usage");
    items[keyOf(list)] = mood === "forgetful" ? "" : Buffer.from(hex, "hex").toString();
    return keep();
  }
  if (mood === "locked" || mood === "unreachable") return end(36, "security: User interaction is not allowed.");
  const key = keyOf(args);
  if (items[key] === undefined) return end(44, "security: The specified item could not be found in the keychain.");
  if (args[0] === "find-generic-password" && args.includes("-w")) return process.stdout.write(items[key] + "\\n");
  if (args[0] === "delete-generic-password") { delete items[key]; return keep(); }
  end(2, "usage");
}
`;

/** A directory to put on `PATH` alone: no other command is in it. */
export class StandInStores {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory);
    for (const [name, text] of [
      ["secret-tool", SECRET_TOOL],
      ["security", SECURITY],
    ] as const) {
      writeFileSync(join(directory, name), text);
      chmodSync(join(directory, name), 0o755);
    }
    writeFileSync(join(directory, "items.json"), "{}");
    this.be("fine");
  }

  be(mood: StandInMood): void {
    writeFileSync(join(this.directory, "mood"), mood);
  }

  /** The secrets it holds. */
  get secrets(): string[] {
    return Object.values(
      JSON.parse(readFileSync(join(this.directory, "items.json"), "utf8")) as object,
    ) as string[];
  }

  /** Every argument of every call. */
  get calls(): string {
    const path = join(this.directory, "calls.jsonl");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
}
