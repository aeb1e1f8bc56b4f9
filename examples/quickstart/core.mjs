import {
  createFrameDecoder,
  decodeReadBatch,
  encodeMessageFrame,
  encodeReadBatch,
  meteredBytes,
  parseStreamName,
} from "@s2kit/core";

const record = { seqNum: 7, timestamp: 0, headers: [], body: new TextEncoder().encode("hello") };
console.log(`${meteredBytes(record)} metered bytes in ${parseStreamName("greetings/en")}`);

// What a server sends in a session, and what a client makes of it, whatever the chunks are.
const sent = encodeMessageFrame(encodeReadBatch({ records: [record] }));
const decoder = createFrameDecoder();
for (const byte of sent) {
  decoder.push(Uint8Array.of(byte));
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
    if (frame.kind === "message")
      for (const { seqNum, body } of decodeReadBatch(frame.body).records)
        console.log(seqNum, new TextDecoder().decode(body));
}
decoder.end();
