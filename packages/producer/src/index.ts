// The face of @s2kit/producer: batches, tickets and streams over an append session of the client.
// Names are listed one by one; what is not here is private.

export { BatchTransform } from "./batch-transform.js";
export type { BatchTransformOptions, ProducerOptions } from "./options.js";
export { Producer, type ProducerComponents } from "./producer.js";
export type { ProducerSession } from "./session-pump.js";
export { IndexedAppendAck, RecordSubmitTicket } from "./ticket.js";
