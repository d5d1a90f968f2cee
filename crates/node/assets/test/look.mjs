// Opens every rendered page in Chromium, in each language, on a desk and on a phone.
//
//   cargo run -p tansiq-node --example preview -- /tmp/pages
//   (cd crates/node/assets/test && npm ci && node look.mjs /tmp/pages [folder for pictures])
//
// Fails when axe-core finds a breach of WCAG A or AA, when the content security policy stops something, when a script
// throws, when a page is wider than its window, or when a word is missing (shown as ⟦id⟧). Needs Chromium at
// CHROMIUM (default /usr/bin/chromium). Serves on a loopback port that the system chooses.
import { createServer } from "node:http";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const [pages, pictures] = process.argv.slice(2);
if (!pages) throw new Error("name the folder of the rendered pages");
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const types = { ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  const asset = /^\/assets\/[0-9a-f]{16}\/([\w./-]+)$/.exec(path);
  try {
    const file = asset ? join(dist, asset[1]) : join(pages, path);
    const body = readFileSync(file);
    response.writeHead(200, { "content-type": types[extname(file)], "content-security-policy": policy, "x-content-type-options": "nosniff" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const schemes = process.env.SCHEMES?.split(",") ?? ["light", "dark"];
if (pictures) mkdirSync(pictures, { recursive: true });

let opened = 0;
const failures = [];
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of schemes) {
    const context = await browser.newContext({ viewport, colorScheme, bypassCSP: false });
    for (const lang of readdirSync(pages)) {
      for (const file of readdirSync(join(pages, lang))) {
        const name = `${file.replace(".html", "")}-${lang}-${size}-${colorScheme}`;
        const page = await context.newPage();
        page.on("console", (message) => message.type() === "error" && failures.push(`${name}: ${message.text()}`));
        page.on("pageerror", (error) => failures.push(`${name}: ${error.message}`));
        await page.goto(`${origin}/${lang}/${file}`, { waitUntil: "load" });
        await page.evaluate(() => document.fonts.ready);
        if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) failures.push(`${name}: ${wide}px wider than its window`);
        const missing = (await page.content()).match(/⟦[^⟧]*⟧/g);
        if (missing) failures.push(`${name}: missing words ${[...new Set(missing)].join(" ")}`);
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        await page.evaluate(axe);
        const result = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
        for (const violation of result.violations) {
          failures.push(`${name}: ${violation.id}: ${violation.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).slice(0, 4).join(" | ")}`);
        }
        opened += 1;
        await page.close();
      }
    }
    await context.close();
  }
}
await browser.close();
server.close();
for (const failure of failures) console.error(failure);
console.log(`${opened} pages opened, ${failures.length} failures`);
process.exit(failures.length > 0 ? 1 : 0);
