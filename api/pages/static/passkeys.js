// A passkey is made or used: the form asks for what is to be signed, the device answers, the form is sent with that.

const form = document.getElementById("passkey");
const fault = document.getElementById("passkey-fault");
const tell = (text) => { fault.textContent = text; fault.hidden = false; };

form.addEventListener("submit", async (event) => {
  if (form.elements.answer.value) return;
  event.preventDefault();
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) { tell(fault.dataset.old); return; }
  fault.hidden = true;
  const asked = await fetch(`${form.getAttribute("action")}/options`, {
    method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
  });
  const told = await asked.json();
  if (!asked.ok) { tell(told.detail); return; }
  try {
    const made = form.elements.what.value === "make"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(told.options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(told.options) });
    form.elements.challenge.value = told.challenge;
    form.elements.answer.value = JSON.stringify(made);
  } catch {
    tell(fault.dataset.none);
    return;
  }
  form.submit();
});
