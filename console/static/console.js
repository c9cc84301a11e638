// Conveniences only: every page works without this file.
"use strict";

// "/" goes to the search field, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  const find = document.getElementById("find");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && find) {
    event.preventDefault();
    find.focus();
    find.select();
  }
});

// A second tap on a button does nothing while the first one is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post") {
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  }
});

// Pages that come back by the Back button may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// What is wrong is what the reader should hear first.
const problems = document.getElementById("problems");
if (problems) {
  problems.focus();
}
