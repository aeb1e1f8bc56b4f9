import { checkForm } from "../support/every-case.js";
import { diskStorage } from "../support/servers.js";

checkForm({
  title: "disk, without authentication",
  settings: { storage: diskStorage() },
  lacks: ["auth", "tls"],
});
