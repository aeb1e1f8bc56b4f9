// The door of the page: its settings, then the frame. What is missing is said, not left white.
// Loaded by the document; nothing else imports it.

import { render } from "preact";
import { App } from "./app.js";
import { loadConfig } from "./state/connection.js";
import { watchTime } from "./state/moment.js";
import "./state/preferences.js";
import { watchVitals } from "./state/vitals.js";
import "./style/base.css";
import "./style/frame.css";
import "./style/lists.css";
import "./style/forms.css";

async function start(): Promise<void> {
  const box = document.querySelector("#app");
  if (box === null) return;
  try {
    await loadConfig();
    render(<App />, box);
    void watchVitals();
    void watchTime();
  } catch (error) {
    box.textContent = `The studio cannot read its settings: ${error instanceof Error ? error.message : String(error)}`;
  }
}

void start();
