// SPDX-License-Identifier: Apache-2.0
// What moves on a page. Without it every page is complete: it only saves reloading, and counts clocks down.

import { packed, post } from "./passkeys.js";

const LIVE = "/live";

function swap(fresh) {
  for (const now of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${now.dataset.live}"]`);
    if (!now.isConnected || !next || next.innerHTML === now.dataset.seen || isInUse(now)) continue;
    const opened = new Set([...now.querySelectorAll("details[open]")].map(nameOf));
    const shut = new Set([...now.querySelectorAll("details:not([open])")].map(nameOf));
    now.dataset.seen = next.innerHTML;
    now.replaceChildren(...next.childNodes);
    for (const one of now.querySelectorAll("details")) {
      if (opened.has(nameOf(one))) one.open = true;
      else if (shut.has(nameOf(one))) one.open = false;
    }
  }
}

// Nothing is taken out of somebody's hands: what has the focus, or a drawer that was pulled out, stays as it is.
function isInUse(region) {
  return region.contains(document.activeElement) || region.querySelector("details.act[open]") !== null;
}

function nameOf(details) {
  return details.querySelector("summary")?.textContent.trim() ?? "";
}

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (answer.ok && !answer.redirected) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

function follow() {
  if (!document.querySelector("[data-live]") || !("EventSource" in window)) return;
  // A page that draws what moves asks for itself when more than its numbers has changed.
  const draws = document.querySelector("[data-promotion]");
  let waiting = false;
  const soon = () => {
    if (waiting || document.hidden) return;
    waiting = true;
    setTimeout(() => look().catch(() => {}).finally(() => { waiting = false; }), 250);
  };
  const source = new EventSource(LIVE);
  source.addEventListener("grown", () => {
    document.dispatchEvent(new Event("interlock:grown"));
    if (!draws) soon();
  });
  document.addEventListener("interlock:look", soon);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look().catch(() => {}); });
  addEventListener("pagehide", () => source.close());
}

function inWords(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const said = [];
  let left = Math.max(Math.round(seconds), 0);
  for (const [size, name] of parts) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count) said.push(`${count} ${name}`);
  }
  return said.slice(0, 2).join(" ") || "0 s";
}

function tick() {
  for (const one of document.querySelectorAll("[data-until]")) {
    const left = (Date.parse(one.dataset.until) - Date.now()) / 1000;
    one.textContent = left > 0 ? `${inWords(left)} left` : `ran out ${inWords(-left)} ago`;
    const clock = one.closest(".clock");
    if (clock && left <= 0 && !clock.classList.contains("out")) {
      clock.classList.add("out");
      document.dispatchEvent(new Event("interlock:look"));
    }
  }
}

function greet() {
  const refused = document.querySelector("[role=alert]");
  if (refused) refused.focus();
}

function refused(form, problem) {
  const notice = document.createElement("section");
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  notice.tabIndex = -1;
  const head = document.createElement("strong");
  head.textContent = "Not accepted";
  const list = document.createElement("ul");
  for (const reason of problem.reasons ?? []) {
    const item = document.createElement("li");
    const code = document.createElement("code");
    code.textContent = reason.code;
    const next = document.createElement("p");
    next.className = "next";
    next.textContent = reason.next_step;
    item.append(`${reason.sentence} `, code, next);
    list.append(item);
  }
  notice.append(head, list);
  form.querySelector(":scope > .notice")?.remove();
  form.prepend(notice);
  notice.focus();
}

async function signed(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  const asked = await fetch("/say/composed", { method: "POST", credentials: "same-origin", body: fields });
  const told = await asked.json();
  if (!asked.ok) return refused(form, told);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(told.options);
  const made = await navigator.credentials.get({ publicKey });
  await post("/passkeys/signed", fields.get("csrf"), {
    command: told.command,
    credential: made.id,
    client_data: packed(made.response.clientDataJSON),
    authenticator_data: packed(made.response.authenticatorData),
    signature: packed(made.response.signature),
  });
  location.assign(`${encodeURI(fields.get("page"))}?done=${fields.get("act")}`);
}

// What carries a signature is signed by a passkey before it goes out. Without one, the form goes as it is and is refused.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("[data-signed]") || !window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  event.preventDefault();
  signed(form, event.submitter).catch((fault) => {
    const gaveUp = { reasons: [{ code: "passkey.given_up", sentence: "nothing was signed, and nothing was recorded", next_step: "try once more" }] };
    refused(form, fault.problem ?? gaveUp);
  });
});

greet();
follow();
if (document.querySelector("[data-until]")) { tick(); setInterval(tick, 1000); }
