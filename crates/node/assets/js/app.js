// Small comforts. Every page works without this file.

// After a refused form, the reader starts at the summary of what is wrong.
function announce() {
  const summary = document.querySelector("[data-summary]");
  if (summary) summary.focus();
}

// A link to a field inside a closed group opens the group first.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = target && target.closest("details:not([open])");
  if (closed) {
    closed.open = true;
    target.scrollIntoView();
  }
}

// The slash opens the filter of a list, or else the search, by the key's place on the keyboard, so that Arabic and Turkish layouts work too.
function slash(event) {
  if (event.code !== "Slash" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const filter = document.querySelector("[data-filter]") || document.querySelector("[data-search]");
  if (!filter) return;
  event.preventDefault();
  filter.focus();
}

// Working through a list with the keyboard. The keys count only while the list has the focus, by their place on the keyboard.
function rows(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const list = document.querySelector("[data-rows]");
  if (!list) return;
  const inside = list.contains(document.activeElement);
  if (!inside && document.activeElement !== document.body) return;
  const all = [...list.querySelectorAll("[data-row]")];
  const here = all.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const step = { KeyJ: 1, KeyK: -1 }[event.code];
  if (step) {
    const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
    if (next) next.focus();
    event.preventDefault();
    return;
  }
  // Enter on a link or a button is theirs.
  if (event.code === "Enter" && document.activeElement.closest("a, button, summary")) return;
  const row = all[here];
  const within = row && row.querySelector(`[data-key="${event.code}"]`);
  const target = within || (event.code === "Enter" ? null : document.querySelector(`.title [data-key="${event.code}"]`));
  if (!target) return;
  event.preventDefault();
  const button = target.matches("a, button") ? target : target.querySelector("button");
  if (button) button.click();
}

// A list that is worked through begins at its row that was asked for, or at its first one.
function begin() {
  const list = document.querySelector("[data-rows]");
  if (!list || document.querySelector("[data-summary]")) return;
  const asked = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const row = asked && asked.matches("[data-row]") ? asked : null;
  if (row) row.focus();
}

announce();
begin();
openTarget();
addEventListener("hashchange", openTarget);
addEventListener("keydown", slash);
addEventListener("keydown", rows);
