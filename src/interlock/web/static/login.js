// SPDX-License-Identifier: Apache-2.0
// Shows by which other providers one may sign in here, where there are any; and signs in with a passkey.

import { packed, post } from "./passkeys.js";

const place = document.getElementById("ways");

async function ways() {
  const answer = await fetch("/login/ways", { credentials: "same-origin" });
  if (!answer.ok) return;
  const next = encodeURIComponent(place.dataset.onward);
  place.replaceChildren(...Object.entries(await answer.json()).map(([name, label]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "button";
    link.href = `/login/oidc/${encodeURIComponent(name)}?next=${next}`;
    link.textContent = label;
    item.append(link);
    return item;
  }));
}

async function byPasskey() {
  const csrf = document.querySelector("input[name=csrf]").value;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post("/login/passkey/begin", csrf, {}));
  const made = await navigator.credentials.get({ publicKey });
  const told = await post("/login/passkey", csrf, {
    credential: made.id,
    client_data: packed(made.response.clientDataJSON),
    authenticator_data: packed(made.response.authenticatorData),
    signature: packed(made.response.signature),
    onward: place.dataset.onward,
  });
  location.assign(told.onward);
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  const offer = document.getElementById("passkey");
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => {
    byPasskey().catch((fault) => {
      const words = fault.problem ? `${fault.problem.detail}: ${fault.problem.next_step}` : "No passkey was used.";
      document.getElementById("refused").textContent = words;
    });
  });
}

ways().catch(() => {});
