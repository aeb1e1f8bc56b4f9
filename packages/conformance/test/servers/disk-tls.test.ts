import { checkForm } from "../support/every-case.js";
import { diskStorage, ROOT } from "../support/servers.js";

checkForm({
  title: "disk, with authentication, over TLS",
  settings: { storage: diskStorage(), rootToken: ROOT, tls: { selfSigned: true } },
  lacks: ["browser-guard", "clear-text"],
});
