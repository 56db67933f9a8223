/* The file chosen is named; one that is too large is refused before it is sent. */
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
    const chosen = input.parentNode.querySelector(".file-chosen");
    chosen.textContent = input.files[0] ? input.files[0].name : chosen.dataset.none;
  });
})();
