/* A paper's print button, and the dialogue right after a counted printing. */
"use strict";
document.addEventListener("click", function (event) {
  if (event.target.closest("[data-print]")) { window.print(); }
});
if (document.querySelector("[data-print-now]")) { window.print(); }
