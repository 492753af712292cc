// Opens each page given in a browser and prints, as JSON, all that a person who uses it could stumble over.
// Arguments: the folder with the npm packages, a folder to unpack the browser into, then the pages.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, unpacked, ...pages] = process.argv.slice(2);
const require = createRequire(join(packages, "package.json"));
mkdirSync(unpacked, { recursive: true });
process.env.TMPDIR = unpacked;
// As on Lambda, the package then brings the libraries that Chromium needs, instead of looking for the machine's.
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs20.x";
const packed = require("@sparticuz/chromium");
const { chromium } = require("playwright-core");
const executablePath = await packed.executablePath();
// The package's fonts, wherever they were unpacked: its own configuration looks for them in /tmp.
process.env.FONTCONFIG_FILE = join(unpacked, "fonts.conf");
const fonts = `<dir>${join(unpacked, "fonts")}</dir><cachedir>${join(unpacked, "font-cache")}</cachedir>`;
writeFileSync(process.env.FONTCONFIG_FILE, `<fontconfig>${fonts}</fontconfig>`);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

async function opened(path, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const stumbles = [];
  page.on("console", (message) => stumbles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => stumbles.push(`error: ${error}`));
  page.on("dialog", (dialog) => { stumbles.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) stumbles.push(`request: ${request.url()}`);
  });
  page.on("requestfailed", (request) => stumbles.push(`failed: ${request.url()}`));
  await page.goto(pathToFileURL(path).href);
  return { page, stumbles, close: () => context.close() };
}

async function looked(path, width, height, colorScheme) {
  const { page, stumbles, close } = await opened(path, { viewport: { width, height }, colorScheme });
  // What is folded is held to the rules as well.
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const { id, nodes } of violations) stumbles.push(`axe: ${id} ${nodes[0].html.slice(0, 200)}`);
  for (const wide of [320, width, 768, 2000]) {
    await page.setViewportSize({ width: wide, height });
    const extent = await page.evaluate(() => document.documentElement.scrollWidth);
    if (extent > wide) stumbles.push(`overflow: ${extent} px wide at ${wide}`);
  }
  await close();
  return stumbles;
}

async function usedByKeyboard(path) {
  const { page, stumbles, close } = await opened(path, { viewport: { width: 1280, height: 900 } });
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  const found = () => page.textContent("#found");
  const open = () => page.locator("details[open]").count();
  const told = { first_focus: (await press("Tab"), await focused()) };
  told.after_skipping = (await press("Enter"), await focused());
  told.next_focus = (await press("Tab"), await focused());
  told.all = await found();
  await page.keyboard.type("JOBS-table");
  told.by_text = await found();
  await page.keyboard.type(" nowhere");
  told.by_absent_text = await found();
  await press("Control+A", "Delete", "Tab");
  told.chip = await focused();
  await press("Space");
  told.by_action = await found();
  told.visible = await page.locator(".resource .name:visible").first().textContent();
  await press("Space");
  await page.locator("#kind .chip", { hasText: "Security weakened" }).focus();
  await press("Enter");
  told.by_kind = await found();
  await press("Enter", "/");
  told.by_slash = await focused();
  await page.locator("#fold").focus();
  await press("Enter");
  const all = await page.locator("details").count();
  told.all_open = (await open()) === all;
  await press("Enter");
  told.all_folded = (await open()) === 0;
  await page.locator(".finding a:visible").first().focus();
  await press("Enter");
  await page.waitForFunction(() => document.querySelector("details:target")?.open);
  told.followed = await page.locator("details:target .name").textContent();
  await close();
  return { ...told, stumbles };
}

async function readWithoutScript(path) {
  const { page, stumbles, close } = await opened(path, { javaScriptEnabled: false });
  const told = {
    filter: await page.locator(".filter").isVisible(),
    headings: await page.locator("h2:visible").allTextContents(),
  };
  await page.locator("summary", { hasText: "create" }).first().click();
  told.unfolds = await page.locator("details.create[open] .differences").first().isVisible();
  await close();
  return { ...told, stumbles };
}

async function measured(path) {
  const { page, close } = await opened(path, { viewport: { width: 1000, height: 100 } });
  const height = await page.evaluate(() => document.body.scrollHeight);
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  await close();
  return { height, printed: pdf.match(/\/Type\s*\/Page[^s]/g).length };
}

const looks = {};
const sizes = {};
for (const path of pages.filter((path) => basename(path).startsWith("size-"))) {
  sizes[basename(path, ".html").slice("size-".length)] = await measured(path);
}
for (const path of pages.filter((path) => !basename(path).startsWith("size-"))) {
  for (const [size, width, height] of [["phone", 360, 740], ["desktop", 1280, 900]]) {
    for (const scheme of ["light", "dark"]) {
      looks[`${basename(path, ".html")} ${size} ${scheme}`] = await looked(path, width, height, scheme);
    }
  }
}
const keyboard = await usedByKeyboard(pages[0]);
const scriptless = await readWithoutScript(pages[0]);
await browser.close();
console.log(JSON.stringify({ looks, sizes, keyboard, scriptless }));
