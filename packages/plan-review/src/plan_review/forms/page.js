"use strict";
const one = (id) => document.getElementById(id);
const items = [...document.querySelectorAll("[data-item]")].map((element) => ({ element, told: "" }));
const [text, action, kind, fold, found] = ["text", "action", "kind", "fold", "found"].map(one);

function matches(item, words) {
  const { dataset } = item.element;
  if (action.value && dataset.action !== action.value) return false;
  if (kind?.value && !dataset.kinds.split(" ").includes(kind.value)) return false;
  if (!words.length) return true;
  item.told ||= item.element.textContent.toLowerCase();
  return words.every((word) => item.told.includes(word));
}

function filter() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = { finding: 0, change: 0 }, all = { finding: 0, change: 0 };
  for (const item of items) {
    const what = item.element.dataset.item;
    item.element.hidden = !matches(item, words);
    all[what] += 1;
    shown[what] += item.element.hidden ? 0 : 1;
  }
  const told = (what) => `${shown[what]} of ${all[what]} ${what}${all[what] === 1 ? "" : "s"}`;
  found.textContent = `${told("change")}, ${told("finding")}`;
}

function open(all) {
  for (const details of document.querySelectorAll("details")) details.open = all;
}

function show() {
  const target = one(decodeURIComponent(location.hash.slice(1)));
  if (!target?.matches("details")) return;
  target.hidden = false;
  target.open = true;
}

if (text) {
  document.querySelector(".filter").hidden = false;
  for (const control of [text, action, kind]) control?.addEventListener("input", filter);
  fold.addEventListener("click", () => {
    const all = fold.getAttribute("aria-pressed") !== "true";
    fold.setAttribute("aria-pressed", String(all));
    open(all);
  });
  filter();
}

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  open(true);
});
addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));
addEventListener("hashchange", show);
show();
