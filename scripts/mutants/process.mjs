// Planted faults of the life of a process: its hold on a directory, starts without room, stops, the
// log. See ../mutants.mjs.

const DISK = "packages/server-lite/src/storage/disk";
const LOCK_TEST = "packages/server-lite/test/storage/directory-lock.test.ts";
const ROOM_TEST = "packages/server-lite/test/storage/small-disk.test.ts";
const LIFE_TEST = "packages/server-lite/test/lifecycle.test.ts";
const SINK_TEST = "packages/server-lite/test/telemetry/line-sink.test.ts";
const PROCESS_TEST = "apps/cli/test/process-life.test.ts";

/** @type {readonly import("../mutants.mjs").Mutant[]} */
export const mutants = [
  {
    id: "A2-living-sign",
    fault: "a holder whose socket answers is dead, when its lock says so",
    file: `${DISK}/directory-lock.ts`,
    change: [['    if (liveness === "living") throw inUse(path, record);\n', ""]],
    test: LOCK_TEST,
    name: "while they are stopped",
  },
  {
    id: "A2-process-id",
    fault: "a process id that is not here proves that its holder is dead",
    file: `${DISK}/directory-lock.ts`,
    change: [
      [
        "const liveness = await askLife(dirname(path), record.sign);",
        'const liveness = fs.existsSync(`/proc/${record.pid}`) ? "living" : "dead";',
      ],
    ],
    test: LOCK_TEST,
    name: "when their process id means nothing here",
  },
  {
    id: "A2-host-name",
    fault: "a host name that is not ours makes another machine of it",
    file: `${DISK}/directory-lock.ts`,
    change: [["record.machine === machineName()", "record.host === hostname()"]],
    test: LOCK_TEST,
    name: "at once, whatever host name",
  },
  {
    id: "A2-no-watch",
    fault: "a lock of another machine is taken without a look at whether it is renewed",
    file: `${DISK}/directory-lock.ts`,
    change: [["  return watch(path, text, record, clock, options);", "  return text;"]],
    test: LOCK_TEST,
    name: "as long as they renew their lock",
  },
  {
    id: "A2-short-watch",
    fault: "a newcomer watches for less than a hold lasts",
    file: `${DISK}/directory-lease.ts`,
    change: [["WATCH_MS = 15_000", "WATCH_MS = 8_000"]],
    test: LOCK_TEST,
    name: "after no beat for longer than a hold lasts",
  },
  {
    id: "A2-no-beat",
    fault: "a holder does not renew its lock",
    file: `${DISK}/directory-lease.ts`,
    change: [
      ['    await settled((done) => fs.write(fd, text, 0, "utf8", done));\n', "    void text;\n"],
    ],
    test: LOCK_TEST,
    name: "renews its lock",
  },
  {
    id: "A2-stalled-holder",
    fault: "a holder that stalled goes on without a proof",
    file: `${DISK}/directory-lease.ts`,
    change: [["    if (startMs < this.validUntilMs) return;", "    if (startMs >= 0) return;"]],
    test: LOCK_TEST,
    name: "knows after a stall",
  },
  {
    id: "A2-blind-beat",
    fault: "a beat does not look whether the lock is still its own",
    file: `${DISK}/directory-lease.ts`,
    change: [
      ["isSame(this.own, await fs.promises.stat(path).catch(absent))", "this.own !== undefined"],
    ],
    test: LOCK_TEST,
    name: "hears of it in its beats",
  },
  {
    id: "A2-lost-untold",
    fault: "a store does not hear that its lock is lost",
    file: `${DISK}/open-disk-storage.ts`,
    change: [["  lock.onLost(onFailure);\n", ""]],
    test: "packages/server-lite/test/storage/open.test.ts",
    name: "fails the store when its lock is taken",
  },
  {
    id: "A2-unleased-inline",
    fault: "inline writes to the log do not ask for the lease",
    file: `${DISK}/leased-disk.ts`,
    change: [
      [
        "    this.lock.requireHeld();\n    this.file.writeSync(bytes, at);",
        "    this.file.writeSync(bytes, at);",
      ],
    ],
    test: ROOM_TEST,
    name: "writes nothing any more",
  },
  {
    id: "A2-unleased-pool",
    fault: "pool writes to the log do not ask for the lease",
    file: `${DISK}/leased-disk.ts`,
    change: [
      [
        "    try {\n      this.lock.requireHeld();\n    } catch (error) {\n      return Promise.reject(error);\n    }\n",
        "",
      ],
    ],
    test: ROOM_TEST,
    name: "writes nothing any more",
  },
  {
    id: "A2-unleased-state",
    fault: "a checkpoint does not ask for the lease",
    file: `${DISK}/open-state.ts`,
    change: [
      [
        "leasedStateStore(await openBare(options, path), options.lock)",
        "(leasedStateStore, await openBare(options, path))",
      ],
    ],
    test: ROOM_TEST,
    name: "makes no checkpoint",
  },
  {
    id: "A2-lock-file-removed",
    fault: "without a LOCK file nobody is looked for",
    file: `${DISK}/directory-lock.ts`,
    change: [["      await requireAlone(path, sign?.name, clock);\n", ""]],
    test: LOCK_TEST,
    name: "when their lock file was removed by hand",
  },
  {
    id: "A2-caught-unread",
    fault: "a lock that is caught is not looked at again",
    file: `${DISK}/directory-lock.ts`,
    change: [
      ['fs.readFileSync(caught, "utf8") === staleText', 'fs.readFileSync(caught, "utf8") !== ""'],
    ],
    test: LOCK_TEST,
    name: "when they took it from the dead",
  },
  {
    id: "A2-take-over-steals",
    fault: "--take-over takes the directory of the living",
    file: `${DISK}/directory-lock.ts`,
    change: [
      [
        "if (record?.sign !== undefined && record",
        "if (options.takesOver !== true && record?.sign !== undefined && record",
      ],
    ],
    test: LOCK_TEST,
    name: "against whoever takes over",
  },
  {
    id: "A2-older-lock",
    fault: "a lock that says nothing about its holder is taken",
    file: `${DISK}/directory-lock.ts`,
    change: [
      [
        "    if (options.takesOver === true) return text;\n    throw",
        "    return text;\n    throw",
      ],
    ],
    test: LOCK_TEST,
    name: "at once to one that takes over",
  },
  {
    id: "A2-long-path",
    fault: "deep directories have no sign of life",
    file: `${DISK}/life-sign.ts`,
    change: [
      [
        'if (process.platform !== "linux") return undefined;',
        "if (fs !== undefined) return undefined;",
      ],
    ],
    test: LOCK_TEST,
    name: "in directories with long paths",
  },
  {
    id: "A2-failed-start",
    fault: "a failed start keeps the directory locked",
    file: "packages/server-lite/src/server.ts",
    change: [["await this.tidyUp();", "void this.tidying;"]],
    test: LIFE_TEST,
    name: "is free again when the port is taken",
  },
  {
    id: "A3-silent-start",
    fault: "the first start waits for room on a timer that keeps nothing alive",
    file: `${DISK}/log-files.ts`,
    change: [["  private isOpening = true;", "  private isOpening = false;"]],
    test: ROOM_TEST,
    name: "fails with what is needed",
  },
  {
    id: "A3-close-waits",
    fault: "a close on a full disk waits for room for ever",
    file: `${DISK}/disk-storage.ts`,
    change: [["    await this.whileProgressing(finished);\n", ""]],
    test: ROOM_TEST,
    name: "fails the commits that wait when the store is closed",
  },
  {
    id: "A3-impatient-close",
    fault: "a close gives up on a disk that is only slow",
    file: `${DISK}/disk-storage.ts`,
    change: [
      ["!writer.isIdle && durability.position === position", "!writer.isIdle && position >= 0"],
    ],
    test: ROOM_TEST,
    name: "as long as commits make progress",
  },
  {
    id: "A3-unlocked-write",
    fault: "the directory is given back under a write that is on its way",
    file: `${DISK}/disk-storage.ts`,
    change: [["      await writer.settled;\n", ""]],
    test: ROOM_TEST,
    name: "keeps the directory locked until it does",
  },
  {
    id: "A3-process-lets-go",
    fault: "a commit that waits for room does not keep its process",
    file: `${DISK}/log-files.ts`,
    change: [["keepsAlive: this.waiting !== undefined", "keepsAlive: false"]],
    test: ROOM_TEST,
    name: "does not let a process end",
  },
  {
    id: "A3-state-kills",
    fault: "a state store without room ends the process",
    file: `${DISK}/lmdb-state-store.ts`,
    change: [["  if (!(told instanceof Promise))", "  if (error !== undefined)"]],
    test: ROOM_TEST,
    name: "ends in a word",
  },
  {
    id: "A3-state-room",
    fault: "the library of the state store is opened without a look at the room it needs",
    file: `${DISK}/open-state.ts`,
    change: [["    await requireLmdbRoom(options.disk, path);\n", ""]],
    test: ROOM_TEST,
    name: "ends in a word",
  },
  {
    id: "A3-exit-0",
    fault: "a command that is not done ends with success",
    file: "apps/cli/src/main.ts",
    change: [['process.on("beforeExit", failUnfinished);\n', ""]],
    test: PROCESS_TEST,
    name: "never ends with success",
    build: ["apps/cli"],
  },
  {
    id: "B14-error-kills",
    fault: "an error of the log's stream ends the server",
    file: "apps/cli/src/main.ts",
    change: [["  if (output?.isServing === true) return;\n", ""]],
    test: PROCESS_TEST,
    name: "on a full disk: lines",
    build: ["apps/cli"],
  },
  {
    id: "B14-reader-left",
    fault: "a reader of the log that leaves ends the server without a drain",
    file: "apps/cli/src/serve.ts",
    change: [["  out.isServing = true;\n", ""]],
    test: PROCESS_TEST,
    name: "when whoever reads it leaves",
    build: ["apps/cli"],
  },
  {
    id: "B14-last-output",
    fault: "the end of a server waits for a reader of its log",
    file: "apps/cli/src/main.ts",
    change: [["setTimeout(() => process.exit(code), LAST_OUTPUT_MS)", "void LAST_OUTPUT_MS"]],
    test: PROCESS_TEST,
    name: "at the end, with nobody there",
    build: ["apps/cli"],
  },
  {
    id: "B14-unbounded-log",
    fault: "log lines wait in memory without a bound",
    file: "packages/server-lite/src/telemetry/line-sink.ts",
    change: [
      ["stream.writableLength > MAX_WAITING_BYTES", "stream.writableLength < -MAX_WAITING_BYTES"],
    ],
    test: SINK_TEST,
    name: "holds no more than its bound",
  },
  {
    id: "B14-untold",
    fault: "nobody is told that lines were dropped",
    file: "packages/server-lite/src/telemetry/line-sink.ts",
    change: [["      if (untold > 0) {", "      if (untold < 0) {"]],
    test: SINK_TEST,
    name: "holds no more than its bound",
  },
  {
    id: "B14-logger",
    fault: "the logger of embedded servers ends the process on a full disk",
    file: "packages/server-lite/src/telemetry/logger.ts",
    change: [["  const logger = pino(settings, sink);", "  const logger = pino(settings);"]],
    test: SINK_TEST,
    name: "does not end its process",
  },
  {
    id: "B15-half-body",
    fault: "a half-sent body holds a stop for the whole grace period",
    file: "packages/server-lite/src/server.ts",
    change: [["    this.arriving.refuseAll(serverDraining());\n", ""]],
    test: LIFE_TEST,
    name: "over HTTP/1.1",
  },
  {
    id: "B15-body-unknown",
    fault: "bodies of one carrier are not known to a stop",
    file: "packages/server-lite/src/server.ts",
    change: [["    exchange.arriving = this.arriving;\n", ""]],
    test: LIFE_TEST,
    name: "over fetch",
  },
  {
    id: "B15-grace",
    fault: "the default grace is what container runtimes wait before they kill",
    file: "packages/server-lite/src/settings.ts",
    change: [["settings.drainGraceMs ?? 5000", "settings.drainGraceMs ?? 10_000"]],
    test: LIFE_TEST,
    name: "ends well below the 10 s",
  },
  {
    id: "B15-last-words",
    fault: "sockets are cut before those who wait for the disk hear that it is over",
    file: "packages/server-lite/src/server.ts",
    change: [
      [
        "    const counted = rooms?.backend.close();\n    await this.finished(LAST_WORDS_MS);\n    await this.listener?.close();\n",
        "    void LAST_WORDS_MS;\n    await this.listener?.close();\n    const counted = rooms?.backend.close();\n",
      ],
    ],
    test: LIFE_TEST,
    name: "an append that the disk does not take",
  },
  {
    id: "B15-endless-directory",
    fault: "a directory that cannot be made is tried for ever",
    file: `${DISK}/real-disk.ts`,
    change: [
      [
        "  const missing: string[] = [];\n",
        "  await fs.promises.mkdir(path, { recursive: true });\n  const missing: string[] = [];\n",
      ],
    ],
    test: "packages/server-lite/test/storage/open.test.ts",
    name: "gives up where the system lets no directory be made",
  },
  {
    id: "B15-early-signal",
    fault: "a signal before it listens is heard when it listens",
    file: "apps/cli/src/serve.ts",
    change: [
      [
        "await Promise.race([server.listen(), whenInterrupted(interrupt)])",
        "(whenInterrupted(interrupt), await server.listen())",
      ],
    ],
    test: PROCESS_TEST,
    name: "ends lite: SIGTERM",
    build: ["apps/cli"],
  },
  {
    id: "B17-second-port",
    fault: "a second listen opens a second port",
    file: "packages/server-lite/src/server.ts",
    change: [
      [
        "    if (this.listening !== undefined && this.draining === undefined) return this.listening;\n",
        "",
      ],
    ],
    test: LIFE_TEST,
    name: "a second listen answers the address",
  },
  {
    id: "B17-port-left",
    fault: "a close during a listen leaves a port open",
    file: "packages/server-lite/src/server.ts",
    change: [
      ["    await this.listening?.catch(() => undefined);\n", ""],
      ["      await listener.close();\n      throw stopping();", "      throw stopping();"],
    ],
    test: LIFE_TEST,
    name: "a close while it begins to listen",
  },
  {
    id: "M15-barrier",
    fault: "the router answers without the durability barrier",
    file: "packages/server-lite/src/http/router.ts",
    change: [["  if (reply !== TAKEN) await context.backend.barrier();\n", ""]],
    test: "packages/server-lite/test/server.test.ts",
    name: "neither acks nor metadata answers leave",
  },
  {
    id: "M16-pending-failure",
    fault: "appends that wait are not settled after a failure",
    file: "packages/server-lite/src/backend/pending-appends.ts",
    change: [
      [
        '      } else if (storage.status === "open") return;',
        '      } else if (storage.status !== "closed") return;',
      ],
    ],
    test: "packages/server-lite/test/server.test.ts",
    name: "a failed store fails what waits",
  },
];
