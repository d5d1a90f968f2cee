import { chromium } from "playwright-core";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const [base, officer, password, lang, ...specs] = process.argv.slice(2);
const context = await b.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
await page.goto(`${base}/language/${lang}?back=/`);
await page.fill("[name=officer]", officer); await page.fill("[name=password]", password);
await Promise.all([page.waitForNavigation(), page.click(".sign-in .form .button")]);
let n = 0;
for (const spec of specs) {
  if (spec.startsWith("kind:")) {
    await page.goto(`${base}/dossiers?kind=${spec.slice(5)}`);
    const hrefs = await page.$$eval("a[href*='/dossiers/']", (as) => as.map((a) => a.getAttribute("href")).filter((h) => /\/dossiers\/[0-9a-f]{32}\//.test(h)));
    await page.goto(base + hrefs[Number(process.env.NTH ?? 0)]);
  } else await page.goto(base + spec);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `/tmp/shots/${lang}-${process.env.TAG ?? ""}${n++}.png`, fullPage: !!process.env.FULL });
  const missing = await page.evaluate(() => [...document.body.innerText.matchAll(/⟦[^⟧]*⟧/g)].map((m) => m[0]));
  console.log(spec, page.url(), missing.slice(0, 10).join(" "));
}
await b.close();
