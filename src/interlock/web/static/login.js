// SPDX-License-Identifier: Apache-2.0
// Shows by which other providers one may sign in here, where there are any.

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

ways().catch(() => {});
