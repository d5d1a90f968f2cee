// Walks through the pages of two running nodes in Chromium, as officers do: signs in, opens a meeting by way of a refused
// form, agrees to its date on the other side, gives it clauses, signs its minutes, pastes a statement and opens what it
// proposes. Then looks at every page in each language, on a desk and on a phone.
//
//   cargo build -p tansiq-node
//   (cd crates/node/assets/test && npm ci && node walk.mjs ../../../../target/debug/tansiq [folder for pictures])
//
// Fails when a step does not lead where it should, when axe-core finds a breach of WCAG A or AA, when the content
// security policy stops something, when a page is wider than its window, or when a word is missing (shown as ⟦id⟧).
// Needs Chromium at CHROMIUM (default /usr/bin/chromium). The nodes live in a folder that goes with the walk, on loopback
// ports that the system chooses.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { settle } from "./house.mjs";

const [program, pictures] = process.argv.slice(2);
if (!program) throw new Error("name the program `tansiq`");
const house = await settle(program);
const { here, there } = house;
const [ours, theirs] = ["irq.mofa", "tur.mfa"];
const statement = readFileSync(new URL("../../../text/samples/committee-meeting.txt", import.meta.url), "utf8");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
if (pictures) mkdirSync(pictures, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const failures = [];
const expect = (fine, what) => {
  if (!fine) failures.push(what);
  console.log(`${fine ? "ok  " : "FAIL"} ${what}`);
};

async function officer(node, institution, name, lang, javaScriptEnabled = true) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, javaScriptEnabled, acceptDownloads: true });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && !/4\d\d \(/.test(message.text()) && failures.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => failures.push(`${page.url()}: ${error.message}`));
  await page.goto(`${node}/language/${lang}?back=/`);
  expect(page.url().includes("/sign-in"), `${name} of ${institution} is asked to sign in`);
  await page.fill("[name=officer]", `${institution}.${name}`);
  await page.fill("[name=password]", `correct horse ${name}`);
  await Promise.all([page.waitForNavigation(), page.click(".sign-in .form .button")]);
  expect(new URL(page.url()).pathname === "/", `${name} of ${institution} is signed in`);
  return page;
}

async function picture(page, name) {
  if (!pictures) return;
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

async function send(page, form) {
  await Promise.all([page.waitForNavigation(), page.click(`${form} .button-row > button`)]);
}

const act = (name) => `form[action*="/acts/${name}"]`;
async function openAct(page, name) {
  await page.evaluate((selector) => document.querySelector(selector).closest("details").setAttribute("open", ""), act(name));
  return act(name);
}

const day = (days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);

// A meeting: a refused form keeps what was typed; then the meeting is open.
const secretary = await officer(here, ours, "secretary", "en");
await secretary.goto(`${here}/dossiers?kind=meeting`);
await secretary.click(".title a.button");
if (await secretary.locator(".opening ul a").count() && !(await secretary.locator("#open").count())) await secretary.locator(".opening ul a").first().click();
const titles = { ar: "الاجتماع الخامس للجنة الأمنية المشتركة", en: "Fifth meeting of the joint security committee" };
await secretary.fill('[name="title.ar"]', titles.ar);
await secretary.fill('[name="title.en"]', titles.en);
await secretary.fill("[name=place]", "بغداد");
await send(secretary, "#open");
expect((await secretary.locator("[data-summary]").count()) === 1, "a form without a body is refused with a summary");
expect((await secretary.inputValue('[name="title.ar"]')) === titles.ar, "what was typed is kept");
expect((await secretary.content()).includes("FRM02"), "the rule's code is shown");
await picture(secretary, "refused-opening-en");
await secretary.fill("[name=body]", "jpsc");
await secretary.fill("[name=date]", day(0));
await send(secretary, "#open");
expect(/\/dossiers\/[0-9a-f]{32}\/[A-Z]+-/.test(secretary.url()), "the meeting is open");
const meeting = new URL(secretary.url()).pathname;
await picture(secretary, "meeting-proposed-en");

// The other side, without JavaScript: its desk shows the meeting, and its form agrees.
const other = await officer(there, theirs, "secretary", "tr", false);
for (let i = 0; i < 40 && !(await other.content()).includes(meeting); i += 1) await other.goto(`${there}/`);
expect((await other.content()).includes(meeting), "the meeting stands on the other side's desk");
await picture(other, "today-tr");
await other.goto(there + meeting);
await picture(other, "meeting-offered-tr");
const press = async (page, form) => Promise.all([page.waitForNavigation(), page.locator(`${form} .button-row > button`).first().evaluate((button) => button.form.requestSubmit(button))]);
const submit = async (page, name) => press(page, act(name));
await submit(other, "agree-date");
expect(new URL(other.url()).hash.startsWith("#record-"), "the other side agrees to the date");

await secretary.goto(here + meeting);
for (let i = 0; i < 40 && !(await secretary.content()).includes("Date agreed"); i += 1) await secretary.reload();
expect((await secretary.content()).includes("Date agreed"), "the date is agreed here too");
let form = await openAct(secretary, "set-delegation");
await secretary.fill(`${form} [name=head]`, "وكيل وزارة الخارجية");
await Promise.all([secretary.waitForNavigation(), secretary.click(`${form} [name=row-add]`)]);
form = act("set-delegation");
expect((await secretary.inputValue(`${form} [name=head]`)) === "وكيل وزارة الخارجية", "a row is added and what was typed is kept");
await secretary.fill(`${form} [name="members.0.office"]`, "مدير عام");
await secretary.selectOption(`${form} [name="members.0.institution"]`, { index: 2 });
await picture(secretary, "delegation-form-en");
await send(secretary, form);
form = await openAct(secretary, "declare-held");
await secretary.fill(`${form} [name=on]`, day(0));
await send(secretary, form);
await other.goto(there + meeting);
for (let i = 0; i < 40 && !(await other.locator(`${act("declare-held")} [name=on]`).inputValue().catch(() => "")); i += 1) await other.goto(there + meeting);
await submit(other, "declare-held");
for (let i = 0; i < 40 && !(await secretary.locator(act("put-clause")).count()); i += 1) await secretary.goto(here + meeting);
for (const [lang, text] of [["ar", "اتفق الجانبان على تبادل قوائم نقاط الارتباط في المنافذ الحدودية."], ["en", "The sides agree to exchange the lists of focal points at the crossings."], ["tr", "Taraflar sınır kapılarındaki irtibat noktalarının listelerini teati etmekte mutabık kaldılar."]]) {
  form = await openAct(secretary, "put-clause");
  await secretary.fill(`${form} [name=number]`, "1");
  await secretary.selectOption(`${form} [name=tongue]`, lang);
  await secretary.fill(`${form} [name=text]`, text);
  await secretary.check(`${form} [name=nature][value=decision]`);
  await send(secretary, form);
}
expect((await secretary.locator("#clauses .clause").count()) === 1, "the clause stands in three languages");
for (let i = 0; i < 40 && (await other.locator(act("accept-clause")).count()) < 3; i += 1) await other.goto(there + meeting);
await picture(other, "clauses-tr");
for (let i = 0; i < 3; i += 1) await submit(other, "accept-clause");
const chair = await officer(here, ours, "chair", "ar");
for (let i = 0; i < 60 && !(await chair.locator(act("sign-minutes")).count()); i += 1) await chair.goto(here + meeting);
await openAct(chair, "sign-minutes");
await picture(chair, "meeting-minutes-ar");
await send(chair, act("sign-minutes"));
expect((await chair.locator("#confirm").count()) === 1, "a signature is shown before it is given");
await chair.fill("#confirm [name=password]", "wrong horse chair");
await send(chair, "#confirm");
expect((await chair.content()).includes("PRM06"), "a wrong password does not sign");
await picture(chair, "confirm-ar");
await chair.fill("#confirm [name=password]", "correct horse chair");
await send(chair, "#confirm");
expect(new URL(chair.url()).hash.startsWith("#record-"), "the minutes are signed by one side");
await chair.goto(here + meeting);
await picture(chair, "meeting-signed-ar");

// Evidence.
const [download] = await Promise.all([secretary.waitForEvent("download"), secretary.locator("a.download").first().click()]);
expect(/^evidence-[0-9a-f]{8}\.tar$/.test(download.suggestedFilename()), "evidence is downloaded");

// A statement.
{
  await chair.goto(`${here}/statement`);
  await chair.fill("[name=text]", statement);
  await chair.fill("[name=source]", "وكالة الأنباء");
  await chair.fill("[name=published]", "2025-10-16");
  await send(chair, "#statement");
  expect((await chair.locator("mark").count()) > 0, "the statement's words are marked");
  await picture(chair, "statement-ar");
  await chair.locator('.proposal a.button[href*="/dossiers/new/"]').first().click();
  await picture(chair, "statement-opening-ar");
  for (let i = 0; i < 1 && (await chair.locator("#open").count()); i += 1) {
    if (await chair.locator('[name="entry"]').count()) await chair.locator('[name="entry"]').first().check();
    if (await chair.locator("[name=body]").count()) await chair.fill("[name=body]", (await chair.inputValue("[name=body]")) || "jpsc");
    await send(chair, "#open");
  }
  expect(/\/dossiers\/[0-9a-f]{32}\//.test(chair.url()), `a proposal became a dossier (${chair.url()})`);
  await picture(chair, "statement-dossier-ar");
}

// Every page, in each language, on a desk and on a phone.
const pages = { today: "/", dossiers: "/dossiers", meetings: "/dossiers?kind=meeting&state=signed", meeting, "new-agreement": "/dossiers/new/agreement", "new-commitment": "/dossiers/new/commitment", "new-action": "/dossiers/new/action", statement: "/statement", channels: "/channels", nothing: "/nothing" };
let opened = 0;
for (const lang of ["ar", "en", "tr"]) {
  await secretary.goto(`${here}/language/${lang}?back=/`);
  for (const [size, viewport] of Object.entries({ desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } })) {
    await secretary.setViewportSize(viewport);
    for (const [name, path] of Object.entries(pages)) {
      await secretary.goto(here + path);
      const of = `${name}-${lang}-${size}`;
      await picture(secretary, of);
      const wide = await secretary.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) failures.push(`${of}: ${wide}px wider than its window`);
      const missing = (await secretary.content()).match(/⟦[^⟧]*⟧/g);
      if (missing) failures.push(`${of}: missing words ${[...new Set(missing)].join(" ")}`);
      await secretary.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
      await secretary.evaluate(axe);
      const result = await secretary.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
      for (const violation of result.violations) failures.push(`${of}: ${violation.id}: ${violation.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`);
      opened += 1;
    }
  }
}
await browser.close();
house.leave();
for (const failure of failures) console.error(failure);
console.log(`${opened} pages opened, ${failures.length} failures`);
process.exit(failures.length > 0 ? 1 : 0);
