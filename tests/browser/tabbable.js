// Numbers everything that Tab should reach, and answers how much that is: called in the page.
() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(wanted)].filter((element) => element.checkVisibility() && !element.disabled);
  all.forEach((element, number) => { element.dataset.tab = number; });
  return all.length;
}
