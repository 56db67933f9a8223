/* A file that is too large is refused before it is sent, and what was typed stays. */
(function () {
  "use strict";

  const form = document.querySelector(".attach-form");
  if (!form) { return; }
  const note = form.querySelector(".file-too-large");
  const files = Array.from(form.querySelectorAll("input[type=file]"));

  form.addEventListener("change", (event) => {
    const input = event.target;
    if (!files.includes(input)) { return; }
    const file = input.files[0];
    const isTooLarge = Boolean(file) && file.size > Number(input.dataset.mostBytes);
    note.hidden = !isTooLarge;
    note.textContent = isTooLarge ? note.dataset.tooLarge : "";
    if (isTooLarge) { input.value = ""; }
  });
})();
