"use strict";
const one = (id) => document.getElementById(id);
const items = [...document.querySelectorAll("[data-item]")].map((element) => ({ element, told: "" }));
const [text, action, kind, fold, found] = ["text", "action", "kind", "fold", "found"].map(one);

function chosen(group) {
  return [...(group?.querySelectorAll('[aria-pressed="true"]') ?? [])].map((chip) => chip.dataset.value);
}

function matches(item, words, actions, kinds) {
  const { dataset } = item.element;
  if (actions.length && !actions.includes(dataset.action)) return false;
  if (kinds.length && !dataset.kinds.split(" ").some((each) => kinds.includes(each))) return false;
  if (!words.length) return true;
  item.told ||= item.element.textContent.toLowerCase();
  return words.every((word) => item.told.includes(word));
}

function filter() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const actions = chosen(action), kinds = chosen(kind);
  const shown = { finding: 0, change: 0 }, all = { finding: 0, change: 0 };
  for (const item of items) {
    const what = item.element.dataset.item;
    item.element.hidden = !matches(item, words, actions, kinds);
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
  text.addEventListener("input", filter);
  for (const chip of document.querySelectorAll(".chip")) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    event.preventDefault();
    text.focus();
  });
  fold.addEventListener("click", () => {
    const all = fold.getAttribute("aria-pressed") !== "true";
    fold.setAttribute("aria-pressed", String(all));
    open(all);
  });
  filter();
}

addEventListener("hashchange", show);
show();
