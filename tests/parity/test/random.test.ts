// Two servers that are given the same random history answer alike, request by request: ours in
// memory and ours on disk in every run, ours and the official lite when S2KIT_OFFICIAL_CLI is set.

import { Agent, request } from "node:http";
import { placeOfSuite } from "@s2kit/bucket/suite";
import { createFrameDecoder, decodeReadBatch } from "@s2kit/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { startLite } from "./harness/lite.js";
import type { Vendor } from "./harness/programs.js";
import { histories, type RandomRequest } from "./wire/random-requests.js";

const RUNS = 60;

const MEDIUM = placeOfSuite() === undefined ? "in memory" : "on a bucket";

it(`our server ${MEDIUM} answers random histories as ours on disk does`, () => expectAlike("ours"));

it.skipIf((process.env.S2KIT_OFFICIAL_CLI ?? "") === "")(
  "our server in memory answers random histories as the official lite does (needs S2KIT_OFFICIAL_CLI)",
  () => expectAlike("official"),
);

async function expectAlike(other: Vendor): Promise<void> {
  await using ours = await startLite("ours");
  await using theirs = await startLite(other, { isOnDisk: other === "ours" });
  const agent = new Agent({ keepAlive: true });
  let basins = 0;
  let answered = 0;
  const property = fc.asyncProperty(histories, async ({ config, requests }) => {
    const basin = `random-basin-${basins++}`;
    const both = (each: RandomRequest): Promise<string[]> =>
      Promise.all([ours.url, theirs.url].map((url) => answerOf(agent, url, basin, each)));
    const create = { method: "POST", path: "/v1/basins", headers: {} };
    await both({ ...create, body: JSON.stringify({ basin, config }) });
    for (const each of requests) {
      const [mine, wanted] = await both(each);
      expect([each, mine]).toEqual([each, wanted]);
      if (mine?.startsWith("200") === true) answered++;
    }
  });
  try {
    await fc.assert(property, { numRuns: RUNS });
  } finally {
    agent.destroy();
  }
  // Histories in which nothing succeeds would prove nothing.
  expect(answered).toBeGreaterThan(RUNS * 2);
}

/** A batch that ends at the known tail may carry it, or not: the official lite does at times. */
function withoutTails(text: string): string {
  return text.replace(/\],"tail":\{"seq_num":\d+,"timestamp":\d+\}\}/g, "]}");
}

/** The batches of an S2S answer, without their tails. */
function batchesOf(bytes: Uint8Array): string {
  const decoder = createFrameDecoder();
  decoder.push(bytes);
  const shown: string[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
    shown.push(
      frame.kind === "terminal"
        ? `terminal ${frame.status} ${frame.json}`
        : JSON.stringify(decodeReadBatch(frame.body).records),
    );
  return shown.join("\n");
}

/** Status, code of an error or body; without dates and the wording of errors. */
function answerOf(
  agent: Agent,
  url: string,
  basin: string,
  { method, path, headers, body }: RandomRequest,
): Promise<string> {
  const all = { "s2-basin": basin, "content-type": "application/json", ...headers };
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method, headers: all, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const whole = Buffer.concat(chunks);
        const isS2s = response.headers["content-type"] === "s2s/proto";
        const text = isS2s ? batchesOf(whole) : whole.toString("latin1");
        const code = /\{"code":"(\w+)","message":/.exec(text)?.[1];
        const shown =
          code ?? withoutTails(text).replace(/"created_at":"[^"]*"/g, '"created_at":"<date>"');
        resolve(`${response.statusCode} ${response.headers["content-type"]} ${shown}`);
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}
