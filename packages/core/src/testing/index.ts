// The face of @s2kit/core/testing: time and chance under control of a test. Names are listed one by
// one; nothing here may be imported by code that ships.

export { type Random, randomInteger, seededRandom } from "../random.js";
export { createSimulatedClock, type LiveTimer, type SimulatedClock } from "./simulated-clock.js";
