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

announce();
openTarget();
addEventListener("hashchange", openTarget);
addEventListener("keydown", slash);
