/* Our own calendar for inputs with data-picker="date" or "datetime": Chinese, 24 hours, Monday
   first. Everything can also be typed; arrows move in the grid, Enter takes, Escape leaves. */
(function () {
  "use strict";

  const text = (name) => document.body.getAttribute("data-text-" + name) || "";
  const two = (number) => String(number).padStart(2, "0");
  const iso = (day) => day.getFullYear() + "-" + two(day.getMonth() + 1) + "-" + two(day.getDate());
  let open = null;

  function close() {
    if (!open) { return; }
    open.panel.remove();
    open = null;
  }

  function read(input) {
    const match = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:\D+(\d{1,2}):(\d{2}))?/.exec(input.value.trim());
    if (!match) { return null; }
    const day = new Date(+match[1], match[2] - 1, +match[3], +(match[4] || 0), +(match[5] || 0));
    return isNaN(day) ? null : { day: day, hasTime: match[4] !== undefined };
  }

  function make(tag, className, content) {
    const element = document.createElement(tag);
    element.className = className || "";
    element.textContent = content || "";
    if (tag === "button") { element.type = "button"; }
    return element;
  }

  function choices(count, step, chosen) {
    const select = make("select");
    for (let number = 0; number < count; number += step) { select.add(new Option(two(number), number)); }
    if (chosen % step) { select.add(new Option(two(chosen), chosen)); }
    select.value = chosen;
    return select;
  }

  function take(state, day) {
    let value = iso(day);
    if (state.hours) { value += " " + two(+state.hours.value) + ":" + two(+state.minutes.value); }
    state.input.value = value;
    state.input.dispatchEvent(new Event("input", { bubbles: true }));
    state.input.dispatchEvent(new Event("change", { bubbles: true }));
    close();
    state.input.focus();
  }

  function drawDays(state) {
    const month = state.month;
    state.title.textContent = text("month")
      .replace("{y}", month.getFullYear()).replace("{m}", month.getMonth() + 1);
    state.days.textContent = "";
    text("weekdays").split(" ").forEach((word) => state.days.append(make("span", "", word)));
    const first = new Date(month.getFullYear(), month.getMonth(), 1);
    const lead = (first.getDay() + 6) % 7;
    for (let cell = 0; cell < 42; cell += 1) {
      const day = new Date(first.getFullYear(), first.getMonth(), 1 - lead + cell);
      const button = make("button", "", String(day.getDate()));
      button.dataset.day = iso(day);
      button.setAttribute("aria-label", iso(day));
      button.classList.toggle("is-other", day.getMonth() !== month.getMonth());
      button.classList.toggle("is-today", iso(day) === iso(new Date()));
      button.classList.toggle("is-chosen", iso(day) === state.chosen);
      button.addEventListener("click", () => take(state, day));
      state.days.append(button);
    }
  }

  function turn(state, months) {
    state.month = new Date(state.month.getFullYear(), state.month.getMonth() + months, 1);
    drawDays(state);
  }

  function move(state, days) {
    const current = document.activeElement.dataset.day;
    if (!current) { return; }
    const [year, month, date] = current.split("-").map(Number);
    const next = new Date(year, month - 1, date + days);
    state.month = next;
    drawDays(state);
    state.days.querySelector('[data-day="' + iso(next) + '"]').focus();
  }

  function keys(state, event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
    if (event.key === "Escape") {
      close();
      state.input.focus();
    } else if (steps[event.key] && event.target.dataset.day) {
      event.preventDefault();
      move(state, steps[event.key]);
    }
  }

  function foot(state, known) {
    const row = make("div", "picker-foot");
    if (state.input.dataset.picker === "datetime") {
      const base = known && known.hasTime ? known.day : new Date(0, 0, 1, 9, 0);
      state.hours = choices(24, 1, base.getHours());
      state.minutes = choices(60, 5, base.getMinutes());
      row.append(state.hours, document.createTextNode(":\u00a0"), state.minutes);
    }
    const today = make("button", "", text("today"));
    today.addEventListener("click", () => take(state, new Date()));
    row.append(today);
    if (state.hours) {
      const ok = make("button", "", text("ok"));
      ok.addEventListener("click", () => take(state, known ? known.day : new Date()));
      row.append(ok);
    }
    return row;
  }

  function show(input) {
    close();
    const known = read(input);
    const panel = make("div", "picker");
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", text("calendar"));
    const state = {
      input: input, panel: panel, month: known ? known.day : new Date(),
      chosen: known ? iso(known.day) : "", title: make("span"), days: make("div", "picker-days"),
    };
    const head = make("div", "picker-head");
    const earlier = make("button", "", "‹");
    const later = make("button", "", "›");
    earlier.setAttribute("aria-label", text("earlier"));
    later.setAttribute("aria-label", text("later"));
    earlier.addEventListener("click", () => turn(state, -1));
    later.addEventListener("click", () => turn(state, 1));
    head.append(earlier, state.title, later);
    panel.append(head, state.days, foot(state, known));
    panel.addEventListener("keydown", (event) => keys(state, event));
    drawDays(state);
    input.parentElement.append(panel);
    const space = window.innerHeight - input.getBoundingClientRect().bottom;
    panel.style[space < panel.offsetHeight + 8 && input.getBoundingClientRect().top > panel.offsetHeight
      ? "bottom" : "top"] = "calc(100% + 4px)";
    open = state;
    (state.days.querySelector(".is-chosen") || state.days.querySelector(".is-today") || earlier).focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".picker-button");
    if (button) {
      const input = button.parentElement.querySelector("[data-picker]");
      if (open && open.input === input) { close(); } else { show(input); }
    } else if (open && document.contains(event.target) && !event.target.closest(".picker")) {
      close();
    }
  });

  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (event.altKey && event.key === "ArrowDown" && input.dataset && /^date/.test(input.dataset.picker || "")) {
      event.preventDefault();
      show(input);
    }
  });
})();
