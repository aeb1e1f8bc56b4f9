// The page of a chat. It keeps nothing: which turns there are comes as events, what is said in each is read from its
// place, from the beginning after each reload.

import { subscribe } from "@s2kit/resumable/anthropic/client";

const chatId = location.hash.slice(1) || crypto.randomUUID();
history.replaceState(null, "", `#${chatId}`);
const chat = `/chats/${chatId}`;

const turns = document.querySelector("#turns");
const notice = document.querySelector("#notice");
const stop = document.querySelector("#stop");
const form = document.querySelector("form");

// A browser that reconnects sends the id of the last turn it knows.
new EventSource(`${chat}/turns`).addEventListener("message", ({ data }) => {
  void show(JSON.parse(data));
});

async function show({ question, from }) {
  const asked = element("p", "question", question);
  const answer = element("p", "answer", "");
  turns.append(asked, answer);
  setState(answer, "running");
  try {
    for await (const event of subscribe({ url: chat, from }))
      if (event.delta?.type === "text_delta") say(answer, event.delta.text);
    setState(answer, "done");
  } catch (error) {
    answer.dataset.why = error.message;
    setState(answer, "failed");
  }
}

function say(answer, text) {
  const isAtEnd = innerHeight + scrollY >= document.body.offsetHeight - 40;
  answer.append(text);
  if (isAtEnd) scrollTo(0, document.body.offsetHeight);
}

function setState(answer, state) {
  answer.dataset.state = state;
  stop.disabled = document.querySelector('[data-state="running"]') === null;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void ask();
});

async function ask() {
  const { question } = form.elements;
  const { value } = question;
  question.value = "";
  const response = await fetch(chat, { method: "POST", body: value }).catch(() => undefined);
  notice.value = "";
  if (response?.ok) return;
  // What was asked is not lost either.
  question.value = value;
  notice.value =
    response?.status === 409
      ? "An answer is still being written."
      : "That did not work. Try again.";
}

stop.addEventListener("click", () => void fetch(`${chat}/stop`, { method: "POST" }));

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
