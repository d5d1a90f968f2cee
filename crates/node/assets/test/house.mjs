// Makes two nodes with a channel between them and a domestic channel, and runs them until told to leave.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const institutions = {
  baghdad: {
    "irq.mofa": { ar: "وزارة الخارجية", en: "Ministry of Foreign Affairs", tr: "Irak Dışişleri Bakanlığı" },
    "irq.ports": { ar: "هيئة المنافذ الحدودية", en: "Border Ports Authority", tr: "Sınır Kapıları Kurumu" },
  },
  ankara: {
    "tur.mfa": { ar: "وزارة الخارجية التركية", en: "Ministry of Foreign Affairs", tr: "Dışişleri Bakanlığı" },
    "tur.interior": { ar: "وزارة الداخلية التركية", en: "Ministry of Interior", tr: "İçişleri Bakanlığı" },
  },
};
const parties = {
  baghdad: ["--party", "IRQ", "--name-ar", "العراق", "--name-en", "Iraq", "--name-tr", "Irak"],
  ankara: ["--party", "TUR", "--name-ar", "تركيا", "--name-en", "Türkiye", "--name-tr", "Türkiye"],
};
const officers = {
  secretary: ["أمين سر اللجنة", "Committee secretary", "secretary"],
  chair: ["الرئيس المشارك", "Co-chair", "co-chair", "secretary", "treaty-officer", "assessor"],
};
const body = { name: { ar: "اللجنة الأمنية العراقية التركية المشتركة", en: "Iraqi-Turkish joint security committee", tr: "Irak-Türkiye Ortak Güvenlik Komitesi" }, parties: ["IRQ", "TUR"] };

/** A port that nothing listens on now. */
function port() {
  return new Promise((found) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/** Waits until a node answers. */
async function answering(address) {
  for (let tries = 0; tries < 200; tries += 1) {
    const fine = await fetch(`${address}/healthz`).then((answer) => answer.ok, () => false);
    if (fine) return;
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`${address} does not answer`);
}

/** Founds and starts both nodes: where their pages are, and how to end them. */
export async function settle(program) {
  const folder = mkdtempSync(join(tmpdir(), "tansiq-walk-"));
  const file = (name, value) => {
    writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
    return join(folder, name);
  };
  const run = (args, input) => execFileSync(program, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] });
  const at = {};
  for (const [node, of] of Object.entries(institutions)) {
    at[node] = { web: await port(), exchange: await port(), dir: join(folder, node) };
    const { web, exchange, dir } = at[node];
    const where = ["--web", `127.0.0.1:${web}`, "--exchange", `127.0.0.1:${exchange}`, "--institutions", file(`${node}.json`, of)];
    run(["init", "--dir", dir, "--node", `${node}.example`, ...parties[node], ...where]);
    const institution = Object.keys(of)[0];
    for (const [office, [ar, en, ...roles]] of Object.entries(officers)) {
      const about = ["--institution", institution, "--clearance", "confidential", "--name-ar", ar, "--name-en", en, ...roles.flatMap((role) => ["--role", role])];
      run(["officer", "--dir", dir, `${institution}.${office}`, ...about, "--password"], `correct horse ${office}\n`);
    }
  }
  const card = file("card.json", run(["card", "--dir", at.ankara.dir]));
  const charter = join(folder, "charter.json");
  const names = ["--name-ar", "قناة التنسيق العراقية التركية", "--name-en", "Iraq–Türkiye coordination channel", "--name-tr", "Irak-Türkiye eşgüdüm kanalı"];
  run(["channel", "open", "--dir", at.baghdad.dir, ...names, "--card", card, "--bodies", file("bodies.json", { jpsc: body }), "--address", `TUR=127.0.0.1:${at.ankara.exchange}`, "--out", charter]);
  run(["channel", "join", "--dir", at.ankara.dir, charter, "--address", `IRQ=127.0.0.1:${at.baghdad.exchange}`]);
  run(["channel", "open", "--dir", at.baghdad.dir, "--class", "domestic", "--name-ar", "القناة الداخلية", "--name-en", "Domestic channel", "--out", join(folder, "domestic.json")]);
  const running = Object.values(at).map(({ dir }) => spawn(program, ["serve", "--dir", dir], { stdio: "ignore" }));
  const leave = () => {
    running.forEach((node) => node.kill());
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", leave);
  await Promise.all(Object.values(at).map(({ web }) => answering(`http://127.0.0.1:${web}`)));
  return { here: `http://baghdad.localhost:${at.baghdad.web}`, there: `http://ankara.localhost:${at.ankara.web}`, leave };
}
