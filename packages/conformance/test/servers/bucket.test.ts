import { checkForm } from "../support/every-case.js";
import { bucketStorage, ROOT } from "../support/servers.js";

checkForm({
  title: "a bucket of eight shards, with authentication",
  settings: { storage: { ...(await bucketStorage()), shards: 8 }, rootToken: ROOT },
  lacks: ["browser-guard", "tls"],
});
