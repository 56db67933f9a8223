/* What the case screens do by themselves: the phone's earlier matters, the ends of a 接待登记. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-intake]");
  if (!form) { return; }

  /* ---- “该号码近30日反映过 n 件” when the phone field is left ---- */

  const phone = form.elements.phone;
  const earlier = document.querySelector("[data-same-phone]");
  let asked = "";

  function lookUp() {
    const digits = phone.value.replace(/\D/g, "");
    if (digits === asked) { return; }
    asked = digits;
    earlier.textContent = "";
    if (digits.length < 7) { return; }
    // In the body: an address stays in logs and in the browser's history.
    const sent = new URLSearchParams({ number: digits, besides: form.dataset.intake || "" });
    sent.set("csrf_token", form.elements.csrf_token.value);
    fetch(earlier.dataset.samePhone,
      { method: "POST", body: sent, credentials: "same-origin", headers: { "X-Lookup": "1" } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((html) => { if (digits === asked) { earlier.innerHTML = html; } });
  }

  if (phone && earlier) {
    phone.addEventListener("change", lookUp);
    lookUp();
  }

  /* ---- an end with fields of its own opens them first ---- */

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-panel]");
    if (!button) { return; }
    const panel = document.getElementById(button.dataset.panel);
    if (!panel.hidden) { return; }
    event.preventDefault();
    form.querySelectorAll(".end-panel").forEach((other) => setOpen(other, other === panel));
    const first = panel.querySelector("input:not([type=hidden]), select, textarea");
    panel.scrollIntoView({ block: "center" });
    if (first) { first.focus({ preventScroll: true }); }
  });

  function setOpen(panel, isOpen) {
    panel.hidden = !isOpen;
    panel.querySelectorAll("input, select, textarea, button").forEach((e) => { e.disabled = !isOpen; });
  }

  form.querySelectorAll(".end-panel").forEach((panel) => setOpen(panel, !panel.hidden));

  /* ---- the explanation follows basis and referral until somebody changes it by hand ---- */

  const explain = form.elements.explain_text;
  if (!explain) { return; }
  const pattern = explain.dataset.pattern;
  let written = explain.value;

  function compose() {
    if (explain.value !== written) { return; }
    const basis = form.elements.legal_basis.value.trim();
    const referral = form.elements.referred_to.value.trim();
    written = pattern.replace("{basis}", basis || "……").replace("{referral}", referral || "……");
    explain.value = written;
  }

  ["legal_basis", "referred_to"].forEach((name) => {
    form.elements[name].addEventListener("change", compose);
  });
})();
