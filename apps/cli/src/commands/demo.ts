// `demo`, which `npm start` runs: a server with durable storage, a real text file line by line
// through producer, client, server and a live reader, compared byte for byte; then it keeps
// serving and prints commands to paste. `--once` leaves after the comparison.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { S2 } from "@s2kit/client";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { type RoundTripResult, roundTrip } from "../records/round-trip.js";
import { startDemoServer } from "../serving/demo-server.js";
import { serveUntilInterrupted } from "../serving/serve.js";
import { humanMs } from "../values/duration.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError } from "../values/failure.js";
import { count } from "../values/quantity.js";
import { formatStreamUri } from "../values/uri.js";

const BASIN = "demo-basin";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out } = context;
  const path =
    input.get<string>("file") ?? fileURLToPath(new URL("./documents.md", import.meta.url));
  const bytes = await readText(path);
  const started = await startDemoServer(context, input);
  if (started === undefined) return EXIT.interrupted;
  const { server, url, directory } = started;
  const client = new S2({ accessToken: "ignored", endpoints: { account: url, basin: url } });
  try {
    await client.basins.ensure({ basin: BASIN });
    const streamName = `demo/${new Date().toISOString()}`;
    await client.basin(BASIN).streams.create({ stream: streamName });
    const uri = formatStreamUri(BASIN, streamName);
    out.say(`server    ${url}`);
    out.say(`storage   ${directory}`);
    out.say(`input     ${path} (${bytes.length} bytes)`);
    out.say(`stream    ${uri}`);
    out.say();
    const result = await roundTrip(client.basin(BASIN).stream(streamName), bytes, (ack) =>
      out.say(
        `acked     ${ack.start.seqNum}..${ack.end.seqNum} // tail: ${ack.tail.seqNum} @ ${ack.tail.timestamp}`,
      ),
    );
    await report(out, result);
    if (result.difference !== undefined)
      throw new CliError(`what was read differs: ${result.difference}`, {
        exitCode: EXIT.verification,
      });
    if (input.is("once") || context.interrupt.aborted) return EXIT.ok;
    out.say(`studio    ${url}/studio/#/basins/${BASIN}/streams/${encodeURIComponent(streamName)}`);
    sayCommands(out, url, uri);
    await serveUntilInterrupted(context, server);
    return EXIT.ok;
  } finally {
    await client.close();
    await server.close();
  }
}

async function readText(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CliError(`cannot read the input path=${path}`, { cause: error });
  }
}

async function report(out: Output, result: RoundTripResult): Promise<void> {
  if (out.isJson) {
    await out.json(result);
    return;
  }
  out.say(
    `appended  ${count(result.records, "record")}, ${result.bytes} bytes, ${count(result.batches, "batch", "batches")}, in ${humanMs(result.appendMs)}`,
  );
  out.say(`tail      ${result.tail.seqNum} @ ${result.tail.timestamp}`);
  out.say(
    `read      ${result.readBytes} bytes live, last record ${humanMs(result.readMs)} after the start`,
  );
  if (result.difference === undefined)
    out.ok(`verified: ${result.readBytes} bytes read back are the bytes of the file`);
}

function sayCommands(out: Output, url: string, uri: string): void {
  const stream = encodeURIComponent(uri.slice(`s2://${BASIN}/`.length));
  const bold = (text: string): string => out.talk.paint(text, "bold");
  out.say();
  out.say(`${bold("Still serving.")} Paste into another terminal, in this directory:`);
  out.say();
  out.say(`  export S2_ENDPOINT=${url}`);
  out.say(`  node ${cliPath()} ls ${BASIN}`);
  out.say(`  node ${cliPath()} tail -f ${uri}`);
  out.say(`  echo "hello" | node ${cliPath()} append ${uri}`);
  out.say();
  out.say(`  curl -H 's2-basin: ${BASIN}' '${url}/v1/streams/${stream}/records?seq_num=0&count=3'`);
  out.say();
  out.say(`  import { S2 } from "@s2kit/client";`);
  out.say(
    `  const s2 = new S2({ accessToken: "ignored", endpoints: { account: "${url}", basin: "${url}" } });`,
  );
  out.say(
    `  const session = await s2.basin("${BASIN}").stream("${uri.slice(`s2://${BASIN}/`.length)}").readSession({ start: { from: { seqNum: 0 } } });`,
  );
  out.say("  for await (const record of session) console.log(record.seqNum, record.body);");
  out.say();
  out.say("Ctrl-C drains and stops the server; the data stays.");
}

/** How this very program was started, as short as it can be typed. */
function cliPath(): string {
  const path = process.argv[1] ?? "s2kit";
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}
