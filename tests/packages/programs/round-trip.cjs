// The same in CommonJS.

const { S2, S2Error } = require("@s2kit/client");
const { streamConfigToJson } = require("@s2kit/core/control");
const { Producer } = require("@s2kit/producer");
const { createServer } = require("@s2kit/server-lite");

async function main() {
  const server = createServer({ port: 0 });
  const { url } = await server.listen();
  const s2 = new S2({ accessToken: "any", endpoints: { account: url, basin: url } });
  await s2.basins.create({ basin: "strange-basin", config: { createStreamOnAppend: true } });
  const stream = s2.basin("strange-basin").stream("first");
  const producer = new Producer(await stream.appendSession());
  for (const body of ["one", "two", "three"]) await producer.submit({ body });
  await producer.close();
  const { records } = await stream.read({ start: { from: { seqNum: 0 } } });
  const refused = await s2.basins.create({ basin: "x" }).catch((error) => error);
  if (!(refused instanceof S2Error)) throw new Error("an error of another class");
  if (streamConfigToJson(undefined) !== null) throw new Error("core answers wrongly");
  for (const path of ["/health", "/metrics", "/openapi.json", "/studio"]) {
    const { status } = await fetch(url + path);
    if (status !== 200) throw new Error(`${path} is ${status}`);
  }
  await s2.close();
  await server.close();
  console.log(`read ${records.map(({ body }) => body).join(",")}`);
}

void main();
