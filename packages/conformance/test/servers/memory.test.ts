import { checkForm } from "../support/every-case.js";

checkForm({ title: "memory, without authentication", settings: {}, lacks: ["auth", "tls"] });
