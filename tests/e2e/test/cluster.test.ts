// The promise of servers that share a store: three processes over a bucket, the official SDK through any
// of them, one of them killed. What was acknowledged is there, once, and all streams work again soon.

import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { AppendInput, AppendRecord, S2 } from "@s2-dev/streamstore";
import { BucketProcess } from "@s2kit/bucket";
import { expect, it } from "vitest";
import { type RunningCommand, startCommand, temporaryDirectory } from "./harness/command.js";

const BASIN = "cluster-basin";
const STREAMS = 8;
const BACK_MS = 10_000;
const LEASE = "2s";

interface Node {
  readonly name: string;
  readonly command: RunningCommand;
  readonly s2: S2;
}

it("keeps what three nodes acknowledged when one of them is killed, and goes on soon", {
  timeout: 90_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const bucket = await BucketProcess.start();
  const secret = join(directory.path, "secret");
  await writeFile(secret, "0123456789abcdef0123456789abcdef\n");
  const nodes: Node[] = [];
  const any = (): Node => nodes[Math.floor(Math.random() * nodes.length)] as Node;
  try {
    const given = { directory: directory.path, secret, bucket };
    await Promise.all(
      ["a", "b", "c"].map(async (name) => void nodes.push(await startNode(name, given))),
    );
    await any().s2.basins.create({ basin: BASIN, config: { createStreamOnAppend: true } });
    const streams = Array.from({ length: STREAMS }, (_, at) => new Written(`stream-${at}`));
    const writes = streams.map((stream) => stream.write(any));
    await until(() => streams.every(({ acked }) => acked.size >= 10), "the first appends");
    const session = await any().s2.basin(BASIN).stream("in-session").appendSession();
    const ticket = await session.submit(inputOf("by session"));
    expect((await ticket.ack()).start.seqNum).toBe(0);
    await session.close();

    const [victim] = nodes.splice(1, 1) as [Node];
    victim.command.child.kill("SIGKILL");
    const killedMs = performance.now();
    for (const stream of streams) stream.ackedSince = 0;
    await until(
      () => streams.every(({ ackedSince }) => ackedSince >= 3),
      "appends behind the kill",
    );
    const backMs = performance.now() - killedMs;
    for (const stream of streams) stream.isOver = true;
    await Promise.all(writes);

    for (const { s2 } of nodes) {
      for (const { name, acked } of streams) {
        const read = await bodiesOf(s2, name);
        for (const [seqNum, body] of acked)
          expect([name, seqNum, read[seqNum]]).toEqual([name, seqNum, body]);
      }
      expect(await bodiesOf(s2, "in-session")).toEqual(["by session"]);
      const { streams: listed } = await s2.basin(BASIN).streams.list({ prefix: "stream-" });
      expect(listed.map(({ name }) => name)).toEqual(streams.map(({ name }) => name).sort());
    }
    expect(backMs).toBeLessThan(BACK_MS);
    for (const { command } of nodes) {
      command.child.kill("SIGTERM");
      expect((await command.ended).code).toBe(0);
    }
  } finally {
    for (const { command } of nodes) command.child.kill("SIGKILL");
    bucket.stop();
  }
});

/** A stream, and what was acknowledged of it. */
class Written {
  readonly name: string;
  readonly acked = new Map<number, string>();
  ackedSince = 0;
  isOver = false;

  constructor(name: string) {
    this.name = name;
  }

  /** One append after the other, each through another node; one that fails is left as it is. */
  async write(any: () => Node): Promise<void> {
    for (let count = 0; !this.isOver; count++) {
      const body = `${this.name} ${count}`;
      try {
        const ack = await any().s2.basin(BASIN).stream(this.name).append(inputOf(body));
        this.acked.set(ack.start.seqNum, body);
        this.ackedSince++;
      } catch {
        // Whether it took effect is not known.
      }
    }
  }
}

function inputOf(body: string): AppendInput {
  return AppendInput.create([AppendRecord.string({ body })]);
}

async function bodiesOf(s2: S2, stream: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  const session = await s2
    .basin(BASIN)
    .stream(stream)
    .readSession({ start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } });
  for await (const record of session) {
    expect(record.seqNum).toBe(bodies.length);
    bodies.push(record.body);
  }
  return bodies;
}

async function startNode(
  name: string,
  given: {
    readonly directory: string;
    readonly secret: string;
    readonly bucket: BucketProcess;
  },
): Promise<Node> {
  const { directory, secret, bucket } = given;
  const command = startCommand(
    `lite --port 0 --json --log-format none --bucket bucket --bucket-endpoint ${bucket.url}
      --bucket-lease ${LEASE} --bucket-shards 4 --node-id ${name}
      --advertise http://127.0.0.1:${await freePort()} --cluster-secret-file ${secret}`.split(
      /\s+/,
    ),
    directory,
    bucket.env,
  );
  const [line] = await command.until(/^\{.*\}$/m).catch((error: unknown) => {
    command.child.kill("SIGKILL");
    throw error;
  });
  const { url } = JSON.parse(line) as { url: string };
  return {
    name,
    command,
    s2: new S2({ accessToken: "ignored", endpoints: { account: url, basin: url } }),
  };
}

/** A port that nobody had a moment ago: others have to be told before it is taken. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`took too long: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
