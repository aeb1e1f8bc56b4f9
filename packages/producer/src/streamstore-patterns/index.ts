// The face of @s2kit/producer/streamstore-patterns: typed messages as the official patterns have
// them, over ours, under the one name that they export. Spec: sdk#the-official-face, sdk#messages.

export * as serialization from "./serialization.js";
