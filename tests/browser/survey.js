// What is wrong with the page as it is shown: called in the page, answers a list of sentences.
() => {
  const found = [];
  const name = (element) => {
    const words = (element.innerText || element.getAttribute("name") || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}> ${words}`;
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  const width = document.documentElement.scrollWidth;
  if (width > window.innerWidth) {
    const wide = [...document.querySelectorAll("main *, header *, footer *")]
      .filter((element) => !element.parentElement.closest(".scroll"))
      .find((element) => element.getBoundingClientRect().right > window.innerWidth + 1);
    found.push(`the page is ${width} px wide: ${wide ? name(wide) : "?"}`);
  }

  const colour = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return parts.length > 3 ? parts : [...parts, 1];
  };
  const ground = (element) => {
    for (let here = element; here; here = here.parentElement) {
      const own = colour(getComputedStyle(here).backgroundColor);
      if (own[3] > 0) {
        return own;
      }
    }
    return [255, 255, 255, 1];
  };
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || seen.has(element) || !shown(element)) {
      continue;
    }
    seen.add(element);
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = contrast(colour(style.color), ground(element));
    if (ratio < least) {
      found.push(`contrast ${ratio.toFixed(2)}: ${name(element)}`);
    }
    if (size < 12) {
      found.push(`text of ${size} px: ${name(element)}`);
    }
  }

  for (const input of document.querySelectorAll("input:not([type=hidden]), select, textarea, button")) {
    const labelled = input.innerText.trim() || input.labels.length || input.getAttribute("aria-label");
    if (shown(input) && !labelled) {
      found.push(`no label: ${name(input)}`);
    }
    const box = input.getBoundingClientRect();
    if (shown(input) && (box.width < 24 || box.height < 24)) {
      found.push(`${Math.round(box.width)} x ${Math.round(box.height)} px to hit: ${name(input)}`);
    }
    if (shown(input) && contrast(colour(getComputedStyle(input).borderTopColor), ground(input.parentElement)) < 3) {
      found.push(`its frame does not show: ${name(input)}`);
    }
  }
  for (const link of document.querySelectorAll("a[href]")) {
    if (!link.innerText.trim()) {
      found.push(`a link without words to ${link.getAttribute("href")}`);
    }
  }
  for (const picture of document.images) {
    if (!picture.alt || (picture.complete && picture.naturalWidth === 0)) {
      found.push(`a picture without words, or not there: ${picture.src}`);
    }
  }
  if (document.querySelectorAll("h1").length !== 1 || !shown(document.querySelector("h1"))) {
    found.push("not one heading of the first level");
  }
  let last = 1;
  for (const heading of document.querySelectorAll("main :is(h1, h2, h3, h4)")) {
    const level = Number(heading.tagName[1]);
    if (level > last + 1) {
      found.push(`${heading.tagName} after H${last}: ${name(heading)}`);
    }
    last = level;
  }
  return found;
}
