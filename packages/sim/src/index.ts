// What others may use of the simulation: its actors, on any stage, its oracle, and the histories of
// the public model. For runs on real processes: simulated time and its network stay inside.

export { Actor, type ActorKind, type ActorSettings, BASIN } from "./actors/actor.js";
export { appendTo } from "./actors/appenders.js";
export { ACTOR_KINDS, type ActorKindName, DRAWN, PLAIN } from "./actors/catalogue.js";
export type { Stage, Strike } from "./actors/stage.js";
export { beliefsOf, historyOf, judgeHistory } from "./history/history-lines.js";
export { Cursor } from "./oracle/cursor.js";
export { checkStream, type FinalState, type StreamVerdict } from "./oracle/final-check.js";
export { type SeenRecord, StreamOracle, type Ticks } from "./oracle/stream-oracle.js";
export { unexpected, Violation } from "./oracle/violation.js";
export type { Carrier } from "./world/carrier.js";
export { WallTimes } from "./world/wall-times.js";
