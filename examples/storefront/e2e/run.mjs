// The page in a real browser against a real server: a whole purchase in both languages on a phone and on a desk, keys that are
// delivered, payments at doubles of Paytrail and Epassi, what goes wrong, and what axe-core says of it. `E2E_SERVER` is the server
// (default: the debug build), `CHROMIUM` the browser. Pictures land in e2e/shots.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import * as doubles from "./doubles.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const shots = join(here, "shots");
mkdirSync(shots, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function serve(settings) {
  const data = mkdtempSync(join(tmpdir(), "kassa-storefront-"));
  const env = { ...process.env, KASSA_DATA_DIR: join(data, "data"), KASSA_LISTEN: "127.0.0.1:0", KASSA_METRICS_LISTEN: "off", ...settings };
  delete env.DATABASE_URL;
  delete env.KASSA_ENV;
  const child = spawn(process.env.E2E_SERVER ?? join(root, "target/debug/kassa"), [], { env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  // Started by root, the private cluster is not in the data directory but where its own user may go.
  let cluster;
  child.stderr.on("data", (chunk) => {
    cluster ??= /base=(\/var\/lib\/kassa\/[0-9a-f]{16})/.exec(String(chunk))?.[1];
    if (process.env.E2E_LOG) process.stderr.write(chunk);
  });
  for (let turn = 0; turn < 600 && !existsSync(join(data, "data/demo.json")); turn += 1) {
    assert.equal(child.exitCode, null, printed);
    await new Promise((done) => setTimeout(done, 100));
  }
  const stop = () =>
    new Promise((done) => {
      child.on("exit", () => {
        for (const folder of [data, cluster]) if (folder) rmSync(folder, { recursive: true, force: true });
        done();
      });
      child.kill("SIGTERM");
    });
  await new Promise((done) => setTimeout(done, 300));
  const link = /Demo checkout link\s+(\S+)/.exec(printed)?.[1];
  assert.ok(link, `no demo link was printed:\n${printed}`);
  return { demo: JSON.parse(readFileSync(join(data, "data/demo.json"), "utf8")), link, stop };
}

const MAC_KEY = "testmackey";
const paytrail = await doubles.paytrail();
const epassi = await doubles.epassi(MAC_KEY);
const server = await serve({ KASSA_PAYTRAIL_API_BASE: paytrail.url, KASSA_EPASSI_URL: `${epassi.url}/e_payments/v2` });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };
let checks = 0;

async function call(method, path, body, token, more) {
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}), ...more };
  const answer = await fetch(server.demo.url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** A visit; whatever the browser complains about fails the test. */
async function visit(name, { size, locale, dark, allow = [] }, play) {
  const context = await browser.newContext({ viewport: sizes[size], locale, colorScheme: dark ? "dark" : "light", reducedMotion: "reduce", hasTouch: size === "phone" });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  // While the page is worked on: the bundle on disk instead of the one in the server.
  if (process.env.E2E_BUNDLE) {
    await page.route("**/storefront/assets/*", (route) => route.fulfill({ path: join(here, "../dist/assets", route.request().url().split("/").pop()) }));
  }
  const shot = async (step) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} ${step}: ${wide} px wider than the window`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    const told = violations.map((fault) => `${fault.id}: ${fault.help} ${fault.nodes.map((node) => node.target.join(" ")).join(", ")}`);
    assert.deepEqual(told, [], `${name} ${step}: axe`);
    checks += 1;
    await page.screenshot({ path: join(shots, `${name}-${step}.png`), fullPage: true });
  };
  try {
    await play(page, shot);
  } catch (error) {
    await page.screenshot({ path: join(shots, `${name}-FAILED.png`), fullPage: true });
    throw error;
  }
  const left = faults.filter((fault) => !allow.some((allowed) => fault.includes(allowed)));
  assert.deepEqual(left, [], `${name}: the browser complained`);
  await context.close();
  console.log(`ok  ${name}`);
}

const heading = (page) => page.locator("#title");
const says = async (page, text) => await page.getByText(text).first().waitFor();
async function fillIn(page, country = "FI") {
  await page.fill("#field-email", "aino@example.com");
  await page.selectOption("#field-country", country);
  await page.fill("#field-first_name", "Aino");
}
async function accept(page) {
  for (const name of ["terms", "privacy", "immediate_delivery"]) await page.check(`#field-${name}`);
}

try {
  for (const [size, locale, texts] of [
    ["phone", "en", { total: "€", details: "Your details", pay: "Pay", thanks: "Thank you!", failed: "did not go through", extras: "One more thing" }],
    ["desk", "fi", { total: "€", details: "Tietosi", pay: "Maksa", thanks: "Kiitos!", failed: "Maksu ei onnistunut", extras: "Vielä yksi asia" }],
    ["phone", "fi", { total: "€", details: "Tietosi", pay: "Maksa", thanks: "Kiitos!", failed: "Maksu ei onnistunut", extras: "Vielä yksi asia" }],
    ["desk", "en", { total: "€", details: "Your details", pay: "Pay", thanks: "Thank you!", failed: "did not go through", extras: "One more thing" }],
  ]) {
    await visit(`sale-${size}-${locale}`, { size, locale: locale === "fi" ? "fi-FI" : "en-GB", allow: ["status of 422"] }, async (page, shot) => {
      await page.goto(server.link);
      await says(page, texts.details);
      assert.equal(await page.getAttribute("html", "lang"), locale);
      await shot("1-details");
      // Nothing filled in: the faults are listed, said and led to.
      await page.click("#next");
      await page.locator("#notice").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.id), "notice");
      await shot("2-missing");
      await page.click("#notice a");
      assert.equal(await page.evaluate(() => document.activeElement?.id), "field-email");
      await page.click("[id^=more-]");
      await page.locator(".stepper output", { hasText: "2" }).waitFor();
      await page.check("[id^=bump-]");
      await says(page, locale === "fi" ? "Leipurin muistikirja" : "The baker's notebook");
      await page.fill("#field-code", "nothing");
      await page.click("#code-apply");
      await page.locator("#code-fault").waitFor();
      await page.fill("#field-code", "bread10");
      await page.press("#field-code", "Enter");
      await page.locator("#hold").waitFor();
      assert.match(await page.innerText("#hold"), /[45]:\d\d/);
      await fillIn(page, "SE");
      await page.getByText(locale === "fi" ? "alv 25 %" : "VAT 25 %").first().waitFor();
      await shot("3-filled");
      await page.click("#next");
      await page.locator("#take").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.id), "title", "a new step is read from its heading");
      await shot("4-extras");
      await page.click("#take");
      await page.locator("#confirm").waitFor();
      await page.click("#confirm");
      await page.locator("#notice").waitFor();
      await accept(page);
      await shot("5-pay");
      await page.click("#confirm");
      await page.click("#outcome-failed");
      await says(page, texts.failed);
      await shot("6-failed");
      await page.click("#retry");
      await page.locator("#outcome-succeeded").waitFor();
      await shot("7-test");
      // The page is loaded again in the middle: it finds its order.
      await page.reload();
      await page.click("#outcome-succeeded");
      await says(page, texts.thanks);
      const amounts = async (where) =>
        (await page.locator(`.receipt ${where}`).allInnerTexts()).map((text) => Number(text.replace(/[^\d−]/g, "").replace("−", "-")));
      const sum = (list) => list.reduce((all, amount) => all + amount, 0);
      const [subtotal, discount, total, ...vat] = await amounts("dd");
      assert.equal(sum(await amounts(".line .price")), subtotal, "the lines come to the subtotal");
      assert.ok(discount < 0 && subtotal + discount === total, `${subtotal} less ${discount} is ${total}`);
      assert.ok(vat.length > 0 && sum(vat) > 0 && sum(vat) < total, `VAT of ${vat} in ${total}`);
      await shot("8-paid");
    });
  }

  await visit("keyboard", { size: "desk", locale: "en-GB" }, async (page, shot) => {
    await page.goto(`${server.link}?quantity=2&currency=SEK&discount=BREAD10&source=mail`);
    await page.locator("#hold").waitFor();
    assert.match(await page.innerText(".grand dd"), /988/);
    // No mouse: everything is reached by Tab, in the order of the page, and worked by Space and Enter.
    const seen = [];
    for (let turn = 0; turn < 40; turn += 1) {
      await page.keyboard.press("Tab");
      const id = await page.evaluate(() => document.activeElement?.id ?? "");
      if (!id || seen.includes(id)) break;
      seen.push(id);
    }
    for (const id of ["currency", "code-remove", "field-email", "field-country", "next"]) assert.ok(seen.includes(id), `${id} is not reached by Tab: ${seen}`);
    await page.focus("#code-remove");
    await page.keyboard.press("Enter");
    await page.locator("#code-apply").waitFor();
    await fillIn(page);
    await page.focus("#field-first_name");
    await page.keyboard.press("Enter");
    await page.locator("#skip").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("#confirm").waitFor();
    for (const name of ["terms", "privacy", "immediate_delivery"]) {
      await page.focus(`#field-${name}`);
      await page.keyboard.press("Space");
    }
    await page.keyboard.press("Tab");
    await page.focus("#confirm");
    await page.keyboard.press("Enter");
    await page.locator("#outcome-pending").waitFor();
    await page.focus("#outcome-pending");
    await page.keyboard.press("Enter");
    await says(page, "Waiting for the payment");
    await shot("waiting");
    await page.click("#resume");
    await says(page, "Your details");
  });

  await visit("dark", { size: "phone", locale: "en-GB", dark: true }, async (page, shot) => {
    await page.goto(server.link);
    await says(page, "Your details");
    await shot("details");
  });

  // What no double can give: the answer of the server is completed here, as a provider would.
  const offline = {
    provider: "offline", status: "pending",
    instructions: {
      payee: "Demo Merchant Oy", iban: "FI2112345600000785", bic: "NDEAFIHH", reference: "1001 9", rf_reference: "RF61 1001 9", barcode: "4".padEnd(54, "21123456"),
      due_date: "2026-12-05", epc_qr: "BCD\n002\n1\nSCT\nNDEAFIHH\nDemo Merchant Oy\nFI2112345600000785\nEUR39.00\n\nRF6110019\n\n", text: null,
    },
  };
  const payments = {
    offline,
    card: { provider: "stripe", status: "pending", client_secret: "pi_1_secret_2", publishable_key: "pk_test_1" },
  };
  for (const [name, payment] of Object.entries(payments)) {
    for (const [size, locale] of name === "offline" ? [["phone", "fi-FI"], ["desk", "en-GB"]] : [["phone", "en-GB"]]) {
      await visit(`${name}-${size}`, { size, locale, allow: ["status of 4"] }, async (page, shot) => {
        await page.route("**/confirm", async (route) => {
          const answer = await route.fetch();
          const body = await answer.json();
          Object.assign(body.payment, payment);
          await route.fulfill({ response: answer, json: body });
        });
        await page.route("https://js.stripe.com/v3/", (route) =>
          route.fulfill({
            contentType: "text/javascript",
            body: `window.Stripe = (key) => ({
              elements: ({ clientSecret }) => ({ create: () => ({ mount: (where) => { document.querySelector(where).textContent = key + " " + clientSecret; } }) }),
              confirmPayment: async ({ confirmParams }) => ({ error: { message: "declined, back to " + new URL(confirmParams.return_url).pathname } }) });`,
          }),
        );
        await page.goto(server.link);
        await fillIn(page);
        await page.click("#next");
        await page.click("#skip");
        await accept(page);
        await page.click("#confirm");
        if (name === "offline") {
          await page.locator("svg.qr").waitFor();
          await shot("transfer");
        } else {
          await says(page, "pk_test_1 pi_1_secret_2");
          await page.click("#card-pay");
          await says(page, "declined, back to /storefront/demo/course");
          await shot("card");
        }
      });
    }
  }

  const { access_token } = await call("POST", "/v1/auth/login", { email: server.demo.email, password: server.demo.password });
  const shop = `/v1/checkouts/${server.demo.checkout_id}`;
  // What is sold here is paid at a provider's page. A test order gets no key of the pool: it gets dummies, and the pool stays full.
  const product = await call("POST", `${shop}/products`, {
    name: "The baker's planner", translations: { fi: { name: "Leipurin suunnittelija" } }, type: "digital_content", vat_type: "digital_service",
    prices: [{ currency: "EUR", amount: 1990 }], license: { kind: "key_pool", per: "unit" }, employee_benefits: ["culture"],
  }, access_token);
  const pool = `${shop}/products/${product.id}/license-keys`;
  await call("POST", pool, { keys: ["KASSA-4F7Q-9M2X-0001", "KASSA-4F7Q-9M2X-0002"] }, access_token);
  const byHand = await call("POST", `${shop}/products`, {
    name: "A baker's certificate", translations: { fi: { name: "Leipurin todistus" } }, type: "digital_content", vat_type: "digital_service",
    prices: [{ currency: "EUR", amount: 2990 }], license: { kind: "manual", per: "unit" },
  }, access_token);
  const manual = await call("POST", `${shop}/products`, {
    name: "The manual", translations: { fi: { name: "Ohjekirja" } }, type: "e_book", vat_type: "digital_book", prices: [{ currency: "EUR", amount: 990 }], employee_benefits: ["culture"],
  }, access_token);
  const planner = await call("POST", `${shop}/offers`, {
    name: "Planner", title: "The baker's planner", translations: { fi: { title: "Leipurin suunnittelija" } },
    items: [{ product_id: product.id, quantity: { default: 2, min: 1, max: 5 } }, { product_id: manual.id }],
  }, access_token);
  await call("POST", `${shop}/checkout-links`, { name: "Planner", slug: "planner", offer_id: planner.id, test_mode: true }, access_token);
  const certified = await call("POST", `${shop}/offers`, {
    name: "Certified", title: "Planner and certificates", translations: { fi: { title: "Suunnittelija ja todistukset" } },
    items: [{ product_id: product.id, quantity: { default: 2, min: 1, max: 5 } }, { product_id: byHand.id, quantity: { default: 2, min: 1, max: 5 } }, { product_id: manual.id }],
  }, access_token);
  await call("POST", `${shop}/checkout-links`, { name: "Certified", slug: "certified", offer_id: certified.id, test_mode: true }, access_token);
  const plannerLink = server.link.replace(/course$/, "planner");
  /** What the link sells in the basket, up to the choice of how to pay. */
  async function choose(page, link, method) {
    await page.goto(link);
    await fillIn(page);
    await page.click("#next");
    await page.check(`#method-${method}`);
    await accept(page);
  }

  const readOrder = (order) => call("GET", `${shop}/orders/${order}`, undefined, access_token);
  /** Reads the order until it is so. */
  async function until(order, isSo, what) {
    for (let turn = 0; turn < 100; turn += 1) {
      const read = await readOrder(order);
      if (isSo(read)) return read;
      await new Promise((done) => setTimeout(done, 100));
    }
    assert.fail(`${what}: it did not come to that`);
  }

  /** Gives the whole line back with the access to it, and waits until its licenses are taken back. */
  async function giveBack(order, line) {
    const lines = [{ order_line_id: line.id, amount: line.refundable_amount, remove_access: line.can_remove_access }];
    await call("POST", `${shop}/orders/${order}/refunds`, { lines }, access_token, { "idempotency-key": crypto.randomUUID() });
    const isBack = ({ refundable_amount, licenses }) => refundable_amount === 0 && licenses.every((license) => license.status === "revoked");
    await until(order, ({ lines }) => isBack(lines.find((one) => one.id === line.id)), "the licenses are taken back");
  }

  // A test order has its dummy keys at once; what a person delivers is on its way until then, and shown without a reload.
  for (const [size, locale, texts, certificates] of [
    ["phone", "en-GB", { waits: "On its way to you", title: "Your licenses", thanks: "Thank you!", arrived: "Your order has arrived", refunded: "Refunded" }, ["CERTIFICATE-2026-0001", "CERTIFICATE-2026-0002"]],
    ["desk", "fi-FI", { waits: "Matkalla sinulle", title: "Lisenssisi", thanks: "Kiitos!", arrived: "Tilauksesi on saapunut", refunded: "Hyvitetty" }, ["CERTIFICATE-2026-0003", "CERTIFICATE-2026-0004"]],
  ]) {
    await visit(`keys-${size}`, { size, locale }, async (page, shot) => {
      const codes = page.locator(".licenses code");
      const onItsWay = page.locator(".on-its-way");
      await choose(page, server.link.replace(/course$/, "certified"), "test");
      await page.click("#confirm");
      await page.click("#outcome-succeeded");
      await says(page, texts.title);
      await onItsWay.nth(1).waitFor({ state: "detached" });
      const order = (await call("GET", `${shop}/orders?test_mode=true&limit=1`, undefined, access_token)).data[0].id;
      const lineOf = ({ lines }, { id }) => lines.find((line) => line.product_id === id);
      const planned = lineOf(await readOrder(order), product);
      const dummies = [1, 2].map((unit) => `TEST-${planned.id}-${unit}`);
      assert.deepEqual(await codes.allInnerTexts(), dummies);
      assert.deepEqual(await onItsWay.allInnerTexts(), [texts.waits], "only what a person delivers");
      assert.match(await page.locator(".line", { has: onItsWay }).innerText(), /certificate|todistus/);
      await shot("1-on-its-way");
      // It can be delivered from when its run has asked for a person.
      const asked = await until(order, ({ actions }) => actions.some((run) => run.waiting_for === "manual_delivery"), "a person is waited for");
      assert.ok(asked.requires_attention, "staff are told");
      await call("POST", `${shop}/orders/${order}/lines/${lineOf(asked, byHand).id}/deliver`, { licenses: certificates }, access_token);
      await onItsWay.waitFor({ state: "detached" });
      assert.deepEqual(await codes.allInnerTexts(), [...dummies, ...certificates]);
      assert.equal(await page.textContent("#live"), texts.arrived);
      await shot("2-delivered");
      await page.reload();
      await says(page, texts.title);
      assert.deepEqual(await codes.allInnerTexts(), [...dummies, ...certificates], "they are there on coming back");
      // Taken back, a license is shown no more; then all the money goes back.
      const { lines } = await readOrder(order);
      const has = (line) => line.licenses.length > 0;
      for (const line of lines.filter(has)) await giveBack(order, line);
      await page.reload();
      await says(page, texts.thanks);
      assert.equal(await page.locator(".licenses, .on-its-way").count(), 0);
      for (const line of lines.filter((line) => !has(line))) await giveBack(order, line);
      await page.reload();
      await says(page, texts.refunded);
      await shot("3-refunded");
    });
  }

  // Paytrail's double judges what the server signs and signs the way back; its page is drawn here, with the addresses that it signed.
  const escaped = (address) => address.replaceAll("&", "&amp;");
  const shown = (route, title, body) => route.fulfill({ contentType: "text/html", body: `<!doctype html><title>${title}</title>${body}` });
  await call("PUT", `${shop}/payment-methods/paytrail`, { merchant_id: "375917", secret_key: "SAIPPUAKAUPPIAS", test_mode: true }, access_token);
  await call("PUT", `${shop}/payment-methods/epassi`, { site: "151082", mac_key: MAC_KEY, benefits: ["culture"], test_mode: true }, access_token);
  for (const [size, locale, texts] of [
    ["phone", "fi-FI", { thanks: "Kiitos!", failed: "Maksu ei onnistunut" }],
    ["desk", "en-GB", { thanks: "Thank you!", failed: "did not go through", open: "The payment is still open" }],
  ]) {
    await visit(`paytrail-${size}`, { size, locale }, async (page, shot) => {
      let status = "fail";
      let id;
      const decide = (status) => paytrail.ask({ do: "pay", id, status });
      const tell = async ({ callback }) => assert.ok((await fetch(callback)).ok, "the callback is taken");
      await page.route("https://pay.paytrail.example/pay/*", async (route) => {
        id = route.request().url().split("/").pop();
        const news = await decide(status);
        // The news comes before the buyer does, or with the buyer alone.
        if (size === "phone") await tell(news);
        await shown(route, "Paytrail", `<a id="back" href="${escaped(news.back)}">Back to the shop</a>`);
      });
      const goAndComeBack = async (button) => {
        await page.click(button);
        await page.waitForURL("https://pay.paytrail.example/pay/*");
        await page.click("#back");
        await page.waitForURL(plannerLink);
      };
      await choose(page, plannerLink, "paytrail");
      await shot("1-method");
      await goAndComeBack("#confirm");
      await says(page, texts.failed);
      await shot("2-failed");
      status = texts.open ? "pending" : "ok";
      await goAndComeBack("#retry");
      if (texts.open) {
        // The bank takes its time: the page that waits is told by the callback, and not loaded again.
        await says(page, texts.open);
        await shot("3-open");
        await tell(await decide("ok"));
      }
      await says(page, texts.thanks);
      await page.locator(".licenses code").nth(1).waitFor();
      await shot("4-paid");
    });
  }

  // The browser posts the form to the double, which checks its hash, and Epassi's page posts the confirmation back.
  for (const [size, locale, thanks, cancelled] of [
    ["phone", "en-GB", "Thank you!", "The payment is still open"],
    ["desk", "fi-FI", "Kiitos!", "Maksu on vielä kesken"],
  ]) {
    await visit(`epassi-${size}`, { size, locale }, async (page, shot) => {
      const posted = [];
      let gaveUp = true;
      await page.route(`${epassi.url}/**`, async (route) => {
        const request = route.request();
        assert.equal(request.method(), "POST");
        const answer = await route.fetch({ maxRedirects: 0 });
        assert.equal(answer.status(), 200, "Epassi takes the form");
        const form = new URLSearchParams(request.postData());
        posted.push(form.get("STAMP"));
        const made = await epassi.ask({ stamp: form.get("STAMP") });
        const fields = [...new URLSearchParams(made.body)].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
        const cancel = escaped(`${made.cancel}&stamp=${form.get("STAMP")}`);
        const pay = `<form method="post" action="${escaped(made.return)}">${fields.join("")}<button id="back">Pay</button></form>`;
        await shown(route, "Epassi", gaveUp ? `<a id="back" href="${cancel}">Cancel</a>` : pay);
      });
      await choose(page, plannerLink, "epassi");
      await page.click("#confirm");
      await page.waitForURL(`${epassi.url}/**`);
      // A cancellation is not signed: the attempt stays open, and the buyer may go on with it.
      await page.click("#back");
      await says(page, cancelled);
      await shot("1-gave-up");
      gaveUp = false;
      await page.click("#go");
      await page.waitForURL(`${epassi.url}/**`);
      await page.click("#back");
      await says(page, thanks);
      assert.ok(page.url().startsWith(plannerLink), page.url());
      assert.equal(new Set(posted).size, 1, "one attempt, posted twice");
      await page.locator(".licenses code").nth(1).waitFor();
      await shot("2-paid");
    });
  }

  const { data: left } = await call("GET", `${pool}?state=available`, undefined, access_token);
  assert.equal(left.length, 2, "no test order took a key of the pool");

  await call("PUT", `${shop}/style`, { background_color: "#12233f", headings_color: "#ffffff", primary_text_color: "#e8edf6", secondary_text_color: "#b9c4d8", links_color: "#9ecbff", borders_color: "#4a5f86", checkbox_color: "#ffb454", active_state_color: "#ffb454", button_color: "#ffb454" }, access_token);
  await call("PUT", `${shop}/billing-form`, { fields: [{ key: "email", requirement: "required" }, { key: "country", requirement: "required" }, { key: "company", requirement: "optional" }, { key: "vat_number", requirement: "optional", description: "With the country's letters", translations: { fi: { description: "Maatunnuksen kanssa" } } }, { key: "street", requirement: "required" }, { key: "postal_code", requirement: "required" }, { key: "city", requirement: "required" }] }, access_token);
  for (const [size, locale] of [["phone", "fi-FI"], ["desk", "en-GB"]]) {
    await visit(`styled-${size}`, { size, locale, dark: size === "phone" }, async (page, shot) => {
      await page.goto(server.link);
      await page.locator("#field-street").waitFor();
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(18, 35, 63)");
      await shot("details");
    });
  }

  // A live sale by bank transfer: the real provider, from billing details to the code that a banking app reads.
  const organization = (await call("GET", "/v1/organizations", undefined, access_token)).data[0].id;
  const address = { street: "Katu 1", city: "Helsinki", postal_code: "00100", country: "FI" };
  await call("PUT", `/v1/organizations/${organization}/billing-details`, { name: "Demo Oy", email: "billing@demo.example", ...address }, access_token);
  await call("PUT", `/v1/organizations/${organization}/payment-card`, { provider: "test", token: "tok_visa" }, access_token);
  await call("PUT", `${shop}/payment-methods/offline`, { provider: "offline", enabled: true, payee: "Demo Oy", iban: "FI2112345600000785", bic: "NDEAFIHH", due_days: 14 }, access_token);
  const links = await call("GET", `${shop}/checkout-links?test_mode=true`, undefined, access_token);
  const link = links.data.find((link) => link.slug === "course");
  await call("POST", `${shop}/checkout-links`, { name: "Live", slug: "live", offer_id: link.offer_id }, access_token);
  await visit("live-desk", { size: "desk", locale: "fi-FI" }, async (page, shot) => {
    await page.goto(server.link.replace(/course$/, "live"));
    await page.fill("#field-email", "aino@example.com");
    await page.selectOption("#field-country", "FI");
    for (const [name, value] of Object.entries({ street: "Katu 1", postal_code: "00100", city: "Helsinki" })) await page.fill(`#field-${name}`, value);
    await page.click("#next");
    await page.click("#skip");
    await page.check("#method-offline");
    await accept(page);
    await page.click("#confirm");
    await page.locator("svg.qr").waitFor();
    await says(page, "FI21 1234 5600 0007 85");
    await shot("transfer");
  });

  await call("PATCH", `${shop}/checkout-links/${link.id}`, { active: false, inactive_message: "The spring course is full." }, server.demo.api_key);
  await visit("closed", { size: "phone", locale: "en-GB", allow: ["410"] }, async (page, shot) => {
    await page.goto(server.link);
    await says(page, "The spring course is full.");
    assert.equal(await heading(page).innerText(), "This link is closed");
    await shot("link");
  });
  await visit("missing", { size: "desk", locale: "fi-FI", allow: ["404"] }, async (page, shot) => {
    await page.goto(`${server.link}x`);
    await says(page, "Sivua ei ole");
    await shot("page");
  });
  console.log(`${checks} states pictured and checked by axe-core`);
} finally {
  await browser.close();
  await server.stop();
  paytrail.stop();
  epassi.stop();
}
