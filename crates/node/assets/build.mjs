// Gathers what the pages need into dist/: fonts, an icon sprite, htmx, and our own style and scripts.
// Plain Node, no bundler. Every output carries the time of the newest source, so that cargo does not see
// the outputs of its own build script as changes.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const modules = join(here, "node_modules");

// The order of the sheets is the order of the cascade.
const sheets = ["tokens", "base", "frame", "parts", "forms", "pages", "print"];

// Which faces: Plex Sans Arabic has no ğ ş İ, so Latin text always comes from Plex Sans.
const faces = [
  { from: "@fontsource/ibm-plex-sans-arabic", weights: [400, 500, 600, 700], subsets: ["arabic"] },
  { from: "@fontsource/ibm-plex-sans", weights: [400, 500, 600, 700], subsets: ["latin", "latin-ext"] },
  { from: "@fontsource/ibm-plex-mono", weights: [400, 600], subsets: ["latin", "latin-ext"] },
  { from: "@fontsource-variable/noto-naskh-arabic", weights: ["index"], subsets: ["arabic"] },
];

// Our name for an icon, and Lucide's.
const icons = {
  today: "inbox", agreement: "scroll-text", commitment: "list-checks", meeting: "calendar-days", action: "square-check",
  charter: "landmark", dossier: "folder-open", statement: "clipboard-paste", channel: "waypoints", evidence: "shield-check", search: "search", queue: "newspaper",
  remove: "x", add: "plus", previous: "chevron-left", next: "chevron-right", forward: "arrow-right", download: "download",
  warning: "triangle-alert", lock: "lock", clock: "clock", document: "file-text", leave: "log-out", language: "languages",
  institution: "building-2", hash: "fingerprint", sign: "pen-line", open: "chevron-down", officer: "circle-user-round",
  empty: "leaf", edit: "pencil", confirm: "check", refused: "octagon-x", note: "mail", report: "radio-tower",
  crossing: "signpost", return: "house", programme: "graduation-cap", assessment: "gauge", consular: "id-card", publication: "megaphone",
};

// The shapes of state chips and of the mark are drawn here, so that a state never rests on colour alone.
const shapes = {
  "shape-late": '<path d="M12 2 22 12 12 22 2 12Z" fill="currentColor" stroke="none"/>',
  "shape-going": '<circle cx="12" cy="12" r="8.5" fill="currentColor" stroke="none"/>',
  "shape-waiting": '<circle cx="12" cy="12" r="7.5" fill="none" stroke-width="4"/>',
  "shape-done": '<path d="M4 13l5.5 5.5L20.5 6" fill="none" stroke-width="4"/>',
  "shape-contested": '<circle cx="12" cy="12" r="8.5" fill="none" stroke-width="2.5"/><path d="M12 3.5a8.5 8.5 0 0 1 0 17Z" fill="currentColor" stroke="none"/>',
  "shape-stopped": '<rect x="4" y="4" width="16" height="16" rx="2" fill="currentColor" stroke="none"/>',
  "shape-draft": '<rect x="4.5" y="4.5" width="15" height="15" rx="2" fill="none" stroke-width="3" stroke-dasharray="4 3.4"/>',
  "shape-blocked": '<path d="M12 3 22 21H2Z" fill="currentColor" stroke="none"/>',
  mark: '<path d="M2 8h5c4 0 6 8 10 8h5M2 16h5c4 0 6-8 10-8h5" fill="none"/>',
};

const sources = [];
const read = (path) => {
  sources.push(path);
  return readFileSync(path, "utf8");
};

function fonts() {
  mkdirSync(join(dist, "fonts"), { recursive: true });
  let css = "";
  for (const { from, weights, subsets } of faces) {
    for (const weight of weights) {
      for (const block of readFileSync(join(modules, from, `${weight}.css`), "utf8").match(/@font-face \{[^}]*\}/g)) {
        const file = /files\/([\w-]+\.woff2)/.exec(block)[1];
        // The subset stands right before the weight: "arabic" is also the end of a family's name.
        const subset = subsets.find((name) => new RegExp(`-${name}-(\\d+|wght)-normal`).test(file));
        if (!subset) continue;
        copyFileSync(join(modules, from, "files", file), join(dist, "fonts", file));
        css += block.replace(/src:[^;]*;/, `src: url(fonts/${file}) format("woff2");`).replace(/\s+/g, " ") + "\n";
      }
    }
  }
  return css;
}

function sprite() {
  const common = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  let out = '<svg xmlns="http://www.w3.org/2000/svg">';
  for (const [name, lucide] of Object.entries(icons)) {
    const svg = readFileSync(join(modules, "lucide-static", "icons", `${lucide}.svg`), "utf8");
    out += `<symbol id="${name}" ${common}>${/<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)[1].replace(/\s+/g, " ").trim()}</symbol>`;
  }
  for (const [name, path] of Object.entries(shapes)) out += `<symbol id="${name}" ${common}>${path}</symbol>`;
  return out + "</svg>\n";
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, "app.css"), fonts() + sheets.map((name) => read(join(here, "css", `${name}.css`))).join("\n"));
writeFileSync(join(dist, "icons.svg"), sprite());
writeFileSync(join(dist, "mark.svg"), `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" stroke="#ffffff" stroke-width="2.2" stroke-linecap="round"><rect width="24" height="24" rx="5" fill="#0e2a3f" stroke="none"/>${shapes.mark}</svg>\n`);
copyFileSync(join(modules, "htmx.org", "dist", "htmx.min.js"), join(dist, "htmx.js"));
for (const name of readdirSync(join(here, "js"))) writeFileSync(join(dist, name), read(join(here, "js", name)));
sources.push(join(here, "package-lock.json"), fileURLToPath(import.meta.url));

// One name for the whole set: any change of any file gives new addresses, so that they may be cached for ever.
const files = readdirSync(dist, { recursive: true }).map(String).filter((name) => statSync(join(dist, name)).isFile()).sort();
const all = createHash("sha256");
for (const name of files) all.update(name).update("\0").update(createHash("sha256").update(readFileSync(join(dist, name))).digest());
writeFileSync(join(dist, "version"), all.digest("hex").slice(0, 16));

const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs)) / 1000;
for (const name of [...files, "version"]) utimesSync(join(dist, name), newest, newest);
const bytes = files.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
console.log(`assets: ${files.length} files, ${Math.round(bytes / 1024)} KiB`);
