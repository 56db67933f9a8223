/* What the pages do by themselves: no library, no inline code, ES2017 for older kernels. */
(function () {
  "use strict";

  const body = document.body;
  const text = (name) => body.getAttribute("data-text-" + name) || "";
  const each = (selector, act, root) => (root || document).querySelectorAll(selector).forEach(act);

  /* ---- a small dialog of our own: focus stays inside, Escape and Cancel say no ---- */

  function make(tag, className, content) {
    const element = document.createElement(tag);
    element.className = className;
    if (content) { element.textContent = content; }
    return element;
  }

  function ask(question, isDangerous) {
    return new Promise((resolve) => {
      const before = document.activeElement;
      const veil = make("div", "veil");
      const dialog = make("div", "dialog");
      dialog.setAttribute("role", "alertdialog");
      dialog.setAttribute("aria-modal", "true");
      dialog.setAttribute("aria-labelledby", "dialog-title");
      dialog.setAttribute("aria-describedby", "dialog-text");
      const title = make("h2", "", text("confirm"));
      title.id = "dialog-title";
      const words = make("p", "", question);
      words.id = "dialog-text";
      const row = make("div", "dialog-buttons");
      const no = make("button", "btn btn-default", text("cancel"));
      const yes = make("button", "btn " + (isDangerous ? "btn-danger" : "btn-primary"), text("ok"));
      no.type = yes.type = "button";
      row.append(no, yes);
      dialog.append(title, words, row);
      veil.append(dialog);
      body.append(veil);
      const end = (answer) => {
        veil.remove();
        if (before && before.focus) { before.focus(); }
        resolve(answer);
      };
      no.addEventListener("click", () => end(false));
      yes.addEventListener("click", () => end(true));
      veil.addEventListener("keydown", (event) => {
        if (event.key === "Escape") { end(false); }
        if (event.key === "Tab") {
          event.preventDefault();
          (document.activeElement === yes ? no : yes).focus();
        }
      });
      (isDangerous ? no : yes).focus();
    });
  }

  function tell(words) {
    const note = make("div", "alert alert-warning", words);
    note.setAttribute("role", "alert");
    const main = document.getElementById("main");
    main.insertBefore(note, main.children[1] || null);
    window.scrollTo(0, 0);
    setTimeout(() => note.remove(), 6000);
  }

  /* ---- sending forms: ask first, once only ---- */

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-confirm], button[data-bulk]");
    if (!button || button.dataset.asked) { return; }
    if (button.hasAttribute("data-bulk") && !ticked(button.form).length) {
      event.preventDefault();
      tell(text("none"));
      return;
    }
    if (!button.hasAttribute("data-confirm")) { return; }
    event.preventDefault();
    ask(button.dataset.confirm, button.classList.contains("btn-danger")).then((answer) => {
      if (answer) {
        button.dataset.asked = "1";
        button.click();
        delete button.dataset.asked;
      }
    });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A form that fetches a file leaves the page as it is and may be sent again.
    if (form.method !== "post") { return; }
    if (form.hasAttribute("data-stays")) {
      setTimeout(() => renewKey(form), 0);
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // After this turn: a button disabled now would not be sent with its name.
    setTimeout(() => each("button[type=submit]:enabled", (b) => {
      b.classList.add("is-busy");
      b.disabled = true;
    }, form), 0);
    // Where a file comes down, the page stays and nobody else would wake the button.
    if (/\/(export|exports)\b/.test(form.action)) {
      setTimeout(() => {
        release(form);
        renewKey(form);
      }, 5000);
    }
  });

  // A form that is sent, stays and is sent again on purpose asks for something new each time.
  function renewKey(form) {
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
    const key = form.elements.form_key;
    if (key) { key.value = bytes.map((b) => b.toString(16).padStart(2, "0")).join(""); }
  }

  function release(form) {
    delete form.dataset.sent;
    each(".is-busy", (b) => {
      b.classList.remove("is-busy");
      b.disabled = false;
    }, form);
  }

  window.addEventListener("pageshow", () => each("form[data-sent]", release));

  /* ---- keys: Enter goes to the next field, Ctrl+S saves ---- */

  // A group of radio buttons is one stop: the chosen one, else the first; its arrows do the rest.
  const isEntry = (radio, from) => radio.name !== from.name && radio === (
    radio.form.querySelector('[name="' + radio.name + '"]:checked')
    || radio.form.querySelector('[name="' + radio.name + '"]'));
  const isVisible = (element) => element.offsetParent !== null && !element.disabled;

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      const button = document.querySelector("[data-save-draft]") || document.querySelector("[data-save]");
      if (button) {
        event.preventDefault();
        button.click();
      }
      return;
    }
    const input = event.target;
    if (event.key !== "Enter" || event.isComposing || !input.form) { return; }
    if (!input.form.classList.contains("office-form")) { return; }
    if (!/^(INPUT|SELECT)$/.test(input.tagName) || /^(submit|button|file)$/.test(input.type)) { return; }
    event.preventDefault();
    const stops = Array.from(
      input.form.querySelectorAll("input:not([type=hidden]), select, textarea, [data-save]")
    ).filter(isVisible).filter((e) => e === input || e.type !== "radio" || isEntry(e, input));
    const next = stops[stops.indexOf(input) + 1];
    if (next) { next.focus(); }
  });

  /* ---- fields that matter only for some choices: data-show-when="category=1,2" ---- */

  function valueOf(form, name) {
    const field = form.elements[name];
    if (!field) { return ""; }
    if (field.type === "checkbox") { return field.checked ? "y" : ""; }
    return field.value;
  }

  function showConditional(form) {
    each("[data-show-when]", (part) => {
      const [name, wanted] = part.dataset.showWhen.split("=");
      part.hidden = !wanted.split(",").includes(valueOf(form, name));
    }, form);
    // What is hidden is not sent, also when a part stands inside another.
    each("[data-show-when]", (part) => each("input, select, textarea", (input) => {
      input.disabled = Boolean(input.closest("[data-show-when][hidden]"));
    }, part), form);
  }

  each("form", (form) => {
    if (!form.querySelector("[data-show-when]")) { return; }
    showConditional(form);
    form.addEventListener("change", () => showConditional(form));
  });

  /* ---- unsaved text survives an accidental leave; it never outlives the tab ---- */

  // A counter computer is shared: what one person typed is not offered to the next.
  const user = body.dataset.user;
  if (user && sessionStorage.getItem("user") !== user) {
    sessionStorage.clear();
    sessionStorage.setItem("user", user);
  }

  const keyOf = (form) => "kept:" + form.dataset.keep;
  const keepable = (form) => Array.from(form.elements).filter(
    (e) => e.name && !/^(hidden|password|file|submit|button)$/.test(e.type)
  );

  function snapshot(form) {
    return keepable(form).map((e) => [
      e.name, e.value, /^(checkbox|radio)$/.test(e.type) ? e.checked : null,
    ]);
  }

  function putBack(form, saved) {
    saved.forEach(([name, value, checked]) => keepable(form).forEach((e) => {
      if (e.name !== name) { return; }
      if (checked === null) { e.value = value; } else if (e.value === value) { e.checked = checked; }
    }));
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  each("form[data-keep]", (form) => {
    const key = keyOf(form);
    const fresh = JSON.stringify(snapshot(form));
    const old = JSON.parse(sessionStorage.getItem(key) || "null");
    if (old && !form.hasAttribute("data-bound") && JSON.stringify(old.values) !== fresh) {
      putBack(form, old.values);
      const note = make("div", "alert alert-info", text("restored") + " ");
      note.setAttribute("role", "status");
      const discard = make("button", "btn btn-default", text("discard"));
      discard.type = "button";
      discard.addEventListener("click", () => {
        sessionStorage.removeItem(key);
        putBack(form, JSON.parse(fresh));
        note.remove();
      });
      note.append(discard);
      form.insertBefore(note, form.firstChild);
    }
    const keep = (sent) => sessionStorage.setItem(
      key, JSON.stringify({ values: snapshot(form), sent: sent })
    );
    if (form.hasAttribute("data-bound")) { keep(false); } // it came back: not saved after all
    form.addEventListener("input", () => keep(false));
    form.addEventListener("change", () => keep(false));
    form.addEventListener("submit", () => keep(true));
  });

  // A form that was sent and did not come back has been saved (an error page has no menu).
  if (document.getElementById("menu")) {
    Object.keys(sessionStorage).filter((key) => key.startsWith("kept:")).forEach((key) => {
      const isHere = Array.from(document.querySelectorAll("form[data-keep]")).some(
        (form) => keyOf(form) === key
      );
      if (!isHere && JSON.parse(sessionStorage.getItem(key)).sent) { sessionStorage.removeItem(key); }
    });
  }
  each("form[data-clear-kept]", (form) => form.addEventListener("submit", () => sessionStorage.clear()));

  /* ---- lists: tick all, selects that search at once ---- */

  function ticked(form) {
    return Array.from(form.elements).filter((e) => e.name === "rowid" && e.checked);
  }

  each("[data-check-all]", (all) => all.addEventListener("change", () => {
    each('input[name=rowid][form="' + all.dataset.checkAll + '"]', (box) => { box.checked = all.checked; });
  }));
  each("[data-submit-on-change]", (select) => select.addEventListener("change", () => select.form.submit()));

  /* ---- previews: the server's sentence for what the form says now ---- */

  each("[data-preview]", (output) => {
    const form = output.closest("form");
    let timer = 0;
    const names = (output.dataset.previewFields || "").split(",").filter(Boolean);
    const refresh = () => {
      const query = new URLSearchParams(new FormData(form));
      ["csrf_token", "form_key"].forEach((name) => query.delete(name));
      // Only what the sentence depends on: narratives have no place in an address.
      if (names.length) { new Set(query.keys()).forEach((k) => names.includes(k) || query.delete(k)); }
      fetch(output.dataset.preview + "?" + query,
        { credentials: "same-origin", headers: { "X-Lookup": "1" } })
        .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
        .then((words) => { output.textContent = words; });
    };
    form.addEventListener("change", () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, 150);
    });
    refresh();
  });

  /* ---- small things ---- */

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) { event.target.closest(".alert").remove(); }
    if (event.target.closest("[data-print]")) { window.print(); }
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      const source = document.querySelector(copier.dataset.copy);
      window.getSelection().selectAllChildren(source);
      document.execCommand("copy"); // works without HTTPS, where navigator.clipboard does not
    }
    const toggle = document.querySelector(".menu-toggle");
    if (!toggle) { return; }
    const isToggle = event.target.closest(".menu-toggle");
    const isOpen = isToggle ? !body.classList.contains("menu-open")
      : body.classList.contains("menu-open") && Boolean(event.target.closest(".menu"));
    body.classList.toggle("menu-open", isOpen);
    toggle.setAttribute("aria-expanded", String(isOpen));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { body.classList.remove("menu-open"); }
  });
})();
