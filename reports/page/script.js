"use strict";
// The page is complete without this: it sorts, filters, copies and unfolds.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const table = document.getElementById("claims");
const form = document.getElementById("filters");

function told(text) {
  document.getElementById("told").textContent = text;
}

function filter() {
  const wanted = (name) => form.elements[name]?.value ?? ""; // no tiers in older records
  const words = wanted("words").toLowerCase().split(/\s+/).filter(Boolean);
  const rows = all("tbody tr", table);
  for (const row of rows) {
    const text = `${row.textContent} ${row.dataset.source}`.toLowerCase();
    row.hidden =
      (wanted("theory") !== "" && row.dataset.theory !== wanted("theory")) ||
      (wanted("verdict") !== "" && row.dataset.verdict !== wanted("verdict")) ||
      (wanted("tier") !== "" && row.dataset.tier !== wanted("tier")) ||
      !words.every((word) => text.includes(word));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  document.getElementById("shown").textContent = `${shown} of ${rows.length} claims`;
}

function sortable(head, column) {
  const button = document.createElement("button");
  const body = table.tBodies[0];
  const original = [...body.rows];
  const keyOf = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent;
  const compare = (a, b) => keyOf(a).localeCompare(keyOf(b), "en", { numeric: true });
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  button.type = "button";
  button.className = "sort";
  button.textContent = head.textContent;
  head.replaceChildren(button);
  head.setAttribute("aria-sort", "none");
  button.addEventListener("click", () => {
    const order = next[head.getAttribute("aria-sort")];
    for (const other of all("[aria-sort]", table)) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", order);
    const rows = [...original];
    if (order === "ascending") rows.sort(compare);
    if (order === "descending") rows.sort((a, b) => compare(b, a));
    body.append(...rows);
  });
}

async function copy(button) {
  const text = button.previousElementSibling;
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
    told("Copied.");
  } catch {
    told(document.execCommand("copy") ? "Copied." : "Selected, to be copied with the keyboard.");
  }
}

// What does not scroll is no stop of the keyboard.
function stops() {
  for (const box of all(".scrolled")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  if (target) target.scrollIntoView();
}

if (table) {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  all("th[data-sort]", table).forEach((head) => sortable(head, head.cellIndex));
  filter();
}
for (const button of all(".copy")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
for (const box of all(".all")) {
  box.hidden = false;
  box.addEventListener("click", (event) => {
    const open = event.target.dataset.open;
    if (open) for (const one of all(".claim", box.parentElement)) one.open = open === "true";
  });
}
let folded = [];
addEventListener("beforeprint", () => {
  folded = all("details:not([open])");
  for (const one of folded) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
});
addEventListener("hashchange", unfold);
addEventListener("resize", stops);
document.addEventListener("toggle", stops, true);
stops();
if (location.hash) unfold();
