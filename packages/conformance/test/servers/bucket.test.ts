import { checkForm } from "../support/every-case.js";
import { bucketStorage, ROOT } from "../support/servers.js";

checkForm({
  title: "a bucket, with authentication",
  settings: { storage: await bucketStorage(), rootToken: ROOT },
  lacks: ["browser-guard", "tls"],
});
