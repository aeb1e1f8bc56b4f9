// The face of @s2kit/client/testing: peers and networks that misbehave on command, for tests of
// what is built on the client. Node only; nothing here may be imported by code that ships.

export { AliveBuffers } from "./alive.js";
export { type EndingProxy, type EndingProxyOptions, startEndingProxy } from "./ending-proxy.js";
export { type FaultyNetwork, startFaultyNetwork } from "./faulty-network.js";
export { type Ledger, type OpenThings, startLedger } from "./ledger.js";
export { PeerExchange, type PeerReply, type PeerRequestHead } from "./peer-exchange.js";
export { type PeerScript, type ScriptedPeer, startScriptedPeer } from "./scripted-peer.js";
