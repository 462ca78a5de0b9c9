// SPDX-License-Identifier: Apache-2.0
// Makes a passkey, and shows those that were made here. What it signs is asked for in interlock.js.

const place = document.getElementById("passkeys");
// The line of the one that was just made; what to type for it stands until the ledger has it.
let fresh = "";

export function packed(buffer) {
  const text = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export async function post(path, csrf, what) {
  const answer = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(what),
  });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.detail), { problem: told });
  return told;
}

function say(words, code) {
  const line = document.createElement("p");
  line.textContent = words;
  if (code) {
    const typed = document.createElement("pre");
    typed.textContent = code;
    document.getElementById("said").replaceChildren(line, typed);
  } else {
    document.getElementById("said").replaceChildren(line);
  }
}

async function list() {
  const answer = await fetch("/passkeys/mine", { credentials: "same-origin" });
  if (!answer.ok) return;
  const found = await answer.json();
  const mine = document.getElementById("mine");
  if (!found.length) return;
  mine.replaceChildren(...found.map((one) => {
    const item = document.createElement("li");
    const line = document.createElement("code");
    line.textContent = one.line;
    item.append(line, ` ${one.state === "registered" ? "signs for you" : "not registered in the ledger yet"}`);
    if (one.state === "registered") {
      if (one.line === fresh) document.getElementById("said").textContent = "";
    } else if (one.line !== fresh) {
      const typed = document.createElement("pre");
      typed.textContent = one.next_step;
      item.append(typed);
    }
    return item;
  }));
}

async function make() {
  const csrf = place.dataset.csrf;
  try {
    const options = PublicKeyCredential.parseCreationOptionsFromJSON(await post("/passkeys/begin", csrf, {}));
    const made = await navigator.credentials.create({ publicKey: options });
    const told = await post("/passkeys/finish", csrf, {
      credential: made.id,
      client_data: packed(made.response.clientDataJSON),
      authenticator_data: packed(made.response.getAuthenticatorData()),
      public_key: packed(made.response.getPublicKey()),
    });
    fresh = told.line;
    say("It is made. It counts once the ledger has it: type this where your key and the repository are.", told.next_step);
    await list();
  } catch (fault) {
    say(fault.problem ? `${fault.problem.detail} (${fault.problem.code})` : "No passkey was made.");
  }
}

if (place) {
  document.getElementById("make").addEventListener("click", make);
  document.addEventListener("interlock:grown", () => list().catch(() => {}));
  list().catch(() => {});
}
