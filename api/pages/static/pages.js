// Comfort on top of pages that work without it: counters, a warning before what was typed is lost, drafts saved as one
// types, files dropped, progress read anew, keys. Nothing here decides anything.

const say = (text) => { document.getElementById("live").textContent = text; };

// A field with data-most tells how many characters are left.
for (const field of document.querySelectorAll("[data-most]")) {
  const counter = document.getElementById(`${field.id}-counter`);
  if (!counter) continue;
  const tell = () => {
    const left = Number(field.dataset.most) - field.value.length;
    counter.textContent = counter.dataset[left < 0 ? "over" : "left"].replace("#", Math.abs(left).toLocaleString(document.documentElement.lang));
    counter.classList.toggle("fault", left < 0);
  };
  field.addEventListener("input", tell);
  tell();
}

// Whoever leaves a page with what was typed and not sent is asked.
for (const form of document.querySelectorAll("form[data-keeps]")) {
  let touched = false;
  form.addEventListener("input", () => { touched = true; });
  form.addEventListener("submit", () => { touched = false; });
  addEventListener("beforeunload", (event) => { if (touched && !form.dataset.saved) event.preventDefault(); });
}

// A form with data-autosave is sent to that address a second after the last key; the answer names the new version, and
// what others wrote meanwhile. Where that was typed in since, the version stays: the next save puts both together.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  let waiting = 0, sending = false, again = false;
  const state = form.querySelector("[data-autosave-state]");
  const save = async () => {
    if (sending) { again = true; return; }
    sending = true;
    const sent = new FormData(form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) {
        const fresh = Object.entries(told.fields ?? {}).map(([name, value]) => [form.elements.namedItem(name), value]);
        if (fresh.every(([field]) => field?.value === sent.get(field?.name))) {
          for (const [field, value] of fresh) if (field.value !== value) field.value = value;
          if (told.version !== undefined && form.elements.version) form.elements.version.value = told.version;
        }
        if (!again && told.whole !== false) form.dataset.saved = "yes";
      }
      if (state) state.textContent = told.told ?? told.detail ?? "";
    } catch {
      if (state) state.textContent = state.dataset.away ?? "";
    }
    sending = false;
    if (again) { again = false; save(); }
  };
  form.addEventListener("input", () => { delete form.dataset.saved; clearTimeout(waiting); waiting = setTimeout(save, 1000); });
  form.addEventListener("submit", () => clearTimeout(waiting));
}

// Scores add up as they are given; the server adds them up again when they are saved.
for (const form of document.querySelectorAll("[data-running]")) {
  const write = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  form.addEventListener("input", () => {
    let total = 0;
    for (const sum of form.querySelectorAll("[data-score]")) {
      const name = CSS.escape(`scores.${sum.dataset.score}`);
      const given = form.querySelector(`[name=${name}]:checked, [name=${name}]:not([type=radio])`)?.value.trim() ?? "";
      const score = given === "" ? NaN : Number(given), low = score < Number(sum.dataset.threshold);
      sum.textContent = Number.isNaN(score) ? "–" : write(score);
      sum.classList.toggle("low", low);
      const below = form.querySelector(`[data-below=${CSS.escape(sum.dataset.score)}]`);
      if (below) below.hidden = !low;
      total += Number.isNaN(score) ? 0 : score;
    }
    form.querySelector("[data-total]").textContent = write(total);
  });
}

// A field for files takes what is dropped on it.
for (const place of document.querySelectorAll(".drop")) {
  const input = place.querySelector("input[type=file]");
  for (const name of ["dragover", "dragleave", "drop"]) {
    place.addEventListener(name, (event) => { event.preventDefault(); place.classList.toggle("over", name === "dragover"); });
  }
  place.addEventListener("drop", (event) => { input.files = event.dataTransfer.files; input.dispatchEvent(new Event("change", { bubbles: true })); });
}

// An element with data-poll is read anew from there until the answer says that it is at rest.
for (const part of document.querySelectorAll("[data-poll]")) {
  const read = async () => {
    const answer = await fetch(part.dataset.poll, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (fresh) { part.replaceChildren(...fresh.childNodes); if (fresh.dataset.poll === undefined) { say(part.textContent.trim().slice(0, 200)); return; } }
    }
    setTimeout(read, 2000);
  };
  setTimeout(read, 2000);
}

// Keys: "/" goes to the search, "g" and a letter to a place of the bar.
let led = false;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "/") { const find = document.getElementById("find"); if (find) { event.preventDefault(); find.focus(); find.select(); } }
  const link = led && document.querySelector(`.bar a[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
  led = event.key === "g";
});

document.querySelector(".summary")?.focus();
