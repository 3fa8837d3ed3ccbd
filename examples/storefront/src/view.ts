// What is shown: each function draws one part from the state. Nothing here asks the server.
import qrcode from "qrcode-generator";
import type { AddOn, Instructions, License, Line, OrderLine, Payment, Totals } from "./api";
import * as act from "./act";
import { h, svg } from "./dom";
import { fill, money, state, t } from "./state";
import { COUNTRIES, LANGUAGES, language } from "./texts";

const texts = () => t() as Record<string, string>;
/** A merchant's text in the buyer's language. */
function translated(thing: { translations?: Record<string, Record<string, unknown>> } & object, name: string): string {
  const locale = state.session?.locale ?? state.language;
  const own = thing.translations?.[locale]?.[name] ?? thing.translations?.[locale.slice(0, 2)]?.[name];
  return String(own ?? (thing as unknown as Record<string, unknown>)[name] ?? "");
}
const web = (url: string | null | undefined) => (url && /^https?:\/\//.test(url) ? url : undefined);

export function page(): Node {
  const shop = state.shop;
  const options = state.link?.options ?? state.session?.options;
  const logo = options?.logo === false ? undefined : web(shop?.style.logo_url);
  return h(
    "div",
    { class: "page" },
    h(
      "header",
      {},
      state.session?.test_mode && h("p", { class: "ribbon" }, t().testMode),
      h(
        "div",
        { class: "top" },
        h("div", { class: "shop" }, logo && h("img", { src: logo, alt: "", class: "logo" }), h("span", {}, shop?.name ?? "")),
        state.session && languages(),
      ),
    ),
    h("main", { id: "main" }, state.fatal ? fatal() : state.step === "order" ? order() : checkout()),
    h("footer", { class: "foot" }, shop?.support_email && contact(shop.support_email)),
  );
}

function contact(email: string) {
  const [before = "", after = ""] = t().help.split("{email}");
  return h("p", {}, before, h("a", { href: `mailto:${email}` }, email), after);
}

function languages() {
  const spoken = (state.shop?.locales ?? []).filter((locale) => LANGUAGES[locale.slice(0, 2)]);
  const currencies = state.step === "details" && state.session?.status === "open" ? (state.link?.currencies ?? []) : [];
  return h(
    "div",
    { class: "switches" },
    currencies.length > 1 &&
      h(
        "label",
        {},
        h("span", { class: "unseen" }, t().currency),
        h(
          "select",
          { id: "currency", disabled: state.busy, onchange: (event: Event) => act.change({ currency: (event.target as HTMLSelectElement).value }) },
          currencies.map((code) => h("option", { value: code, selected: code === state.session!.totals.currency }, code)),
        ),
      ),
    spoken.length > 1 &&
      h(
        "div",
        { role: "group", "aria-label": t().language, class: "languages" },
        spoken.map((locale) =>
          h(
            "button",
            {
              type: "button", id: `language-${locale}`, class: "plain", lang: locale,
              "aria-pressed": String(language(locale) === state.language), onclick: () => act.speak(locale),
            },
            LANGUAGES[locale.slice(0, 2)]!.name,
          ),
        ),
      ),
  );
}

function fatal() {
  const problem = state.fatal!.problem;
  const message = (problem as { inactive_message?: string }).inactive_message;
  const gone = problem.status === 410;
  const missing = problem.status === 404;
  return h(
    "section",
    { class: "card narrow" },
    h("h1", { id: "title", tabindex: "-1" }, gone ? t().gone : missing ? t().notFound : problem.code === "checkout-closed" ? t().closed : t().problem),
    h("p", {}, gone ? (message ?? t().goneText) : missing ? "" : (problem.detail ?? (problem.code === "no-connection" ? t().noConnection : problem.title))),
    !gone && !missing && h("button", { id: "reload", class: "main", onclick: () => location.reload() }, t().reload),
  );
}

/* ---------------------------------------------------------------- the basket and the form */

function checkout() {
  const link = state.link;
  const options = link?.options;
  const image = options?.media === false ? undefined : web(link?.image_urls[0]);
  const basket = h(
    "aside",
    { class: "card summary", "aria-labelledby": "order-title" },
    h("h2", { id: "order-title" }, t().order),
    image && h("img", { src: image, alt: "", class: "picture" }),
    link && h("p", { class: "offer" }, translated(link, "title")),
    link && options?.desc !== false && state.step === "details" && h("p", { class: "quiet" }, translated(link, "description")),
    h("ul", { class: "lines" }, state.session!.lines.map(line)),
    state.step === "details" && bumps("order_bump"),
    options?.discount !== false && state.step === "details" && discount(),
    totals(state.session!.totals),
  );
  const part = h(
    "section",
    { class: "card" },
    steps(),
    notice(),
    state.step === "details" ? details() : state.step === "extras" ? extras() : pay(),
  );
  // What is asked comes first; the basket does while it can be changed.
  return h("div", { class: "columns" }, state.step === "details" ? [basket, part] : [part, basket]);
}

function steps() {
  const list = act.stepsOf();
  return h(
    "ol",
    { class: "steps", "aria-label": t().steps },
    list.map((step) =>
      h("li", step === state.step ? { "aria-current": "step" } : {}, texts()[step === "pay" ? "payment" : step] ?? step),
    ),
  );
}

function notice() {
  const faults = Object.entries(state.faults).filter(([field]) => field !== "code");
  if (!state.notice && !faults.length) return null;
  return h(
    "div",
    { class: "notice", role: "alert", id: "notice", tabindex: "-1" },
    state.notice && h("p", {}, state.notice),
    faults.length > 0 && h("p", {}, t().fix),
    faults.length > 0 && h("ul", {}, faults.map(([field, text]) => h("li", {}, h("a", { href: `#field-${field}`, onclick: jump }, text)))),
  );
}

/** A link of the list of faults: to the field, without touching the address. */
function jump(event: Event) {
  event.preventDefault();
  document.getElementById((event.currentTarget as HTMLAnchorElement).hash.slice(1))?.focus();
}

function line(line: Line) {
  const item = state.link?.items.find((item) => item.product_id === line.product_id && line.role === "main");
  const editable = state.step === "details";
  const max = Math.min(line.max, state.link?.options.quantity ?? line.max);
  const steppable = editable && line.selected && max > line.min;
  return h(
    "li",
    { class: line.selected ? "line" : "line off" },
    h(
      "div",
      { class: "line-head" },
      line.optional && editable
        ? h(
            "label",
            { class: "check" },
            h("input", { type: "checkbox", id: `pick-${line.id}`, checked: line.selected, disabled: state.busy, onchange: (event: Event) => act.line(line.id, { selected: (event.target as HTMLInputElement).checked }) }),
            h("span", {}, item ? translated(item, "name") : line.name, " ", h("small", {}, `(${t().optional})`)),
          )
        : h("span", { class: "name" }, item ? translated(item, "name") : line.name, line.quantity > 1 && !editable ? ` × ${line.quantity}` : ""),
      line.selected && h("span", { class: "price" }, money(line.subtotal)),
    ),
    line.selected &&
      line.original_unit_amount != null &&
      h(
        "p",
        { class: "quiet" },
        h("s", { "aria-label": fill(t().was, { price: money(line.original_unit_amount) }) }, money(line.original_unit_amount)),
        " ",
        line.unit_amount_formatted,
        line.lowest_amount_30_days != null && ` · ${fill(t().lowest, { price: money(line.lowest_amount_30_days) })}`,
      ),
    editable &&
      line.selected &&
      item &&
      item.variants.length > 1 &&
      h(
        "label",
        { class: "field" },
        h("span", {}, t().variant),
        h(
          "select",
          { id: `variant-${line.id}`, disabled: state.busy, onchange: (event: Event) => act.line(line.id, { variant_id: (event.target as HTMLSelectElement).value }) },
          item.variants.map((variant) => h("option", { value: variant.id, selected: variant.id === line.variant_id }, variant.name)),
        ),
      ),
    steppable &&
      h(
        "div",
        { class: "stepper", role: "group", "aria-label": `${t().quantity}: ${line.name}` },
        h("button", { type: "button", id: `less-${line.id}`, "aria-label": t().less, disabled: state.busy || line.quantity <= line.min, onclick: () => act.line(line.id, { quantity: line.quantity - 1 }) }, "−"),
        h("output", { "aria-live": "polite" }, String(line.quantity)),
        h("button", { type: "button", id: `more-${line.id}`, "aria-label": t().more, disabled: state.busy || line.quantity >= max, onclick: () => act.line(line.id, { quantity: line.quantity + 1 }) }, "+"),
      ),
  );
}

function addOnText(addOn: AddOn) {
  const known = state.link?.add_ons.find((known) => known.id === addOn.id);
  const name = known ? translated(known, "name") : addOn.name;
  const description = known ? translated(known, "description") : addOn.description;
  return { name, description };
}

function bumps(position: string) {
  const list = state.session!.add_ons.filter((addOn) => addOn.position === position);
  return list.map((addOn) => {
    const { name, description } = addOnText(addOn);
    return h(
      "label",
      { class: "bump check" },
      h("input", { type: "checkbox", id: `bump-${addOn.id}`, checked: addOn.accepted, disabled: state.busy, onchange: (event: Event) => act.addOn(addOn.id, (event.target as HTMLInputElement).checked) }),
      h(
        "span",
        {},
        h("strong", {}, `${addOn.kind === "upgrade" ? t().upgrade : t().addOn}: ${name}`),
        h("span", { class: "price" }, ` ${addOn.unit_amount_formatted}`),
        description && h("small", {}, description),
      ),
    );
  });
}

function discount() {
  const held = state.session!.discount;
  if (held) {
    return h(
      "div",
      { class: "code-held" },
      h("p", {}, h("strong", {}, held.code), " ", h("span", { class: "price" }, `−${held.amount_formatted}`)),
      h("p", { class: "quiet" }, state.holdEnds ? h("span", { id: "hold" }, act.holdText()) : t().redeemed),
      h("button", { type: "button", id: "code-remove", class: "plain", disabled: state.busy, onclick: act.removeCode }, t().remove),
    );
  }
  const fault = state.faults["code"];
  return h(
    "form",
    { class: "code", onsubmit: act.applyCode },
    h(
      "label",
      { class: "field", for: "field-code" },
      h("span", {}, t().code),
    ),
    h(
      "div",
      { class: "row" },
      h("input", {
        type: "text", id: "field-code", name: "code", autocomplete: "off", autocapitalize: "characters", maxlength: 50, value: state.code,
        "aria-invalid": fault ? "true" : undefined, "aria-describedby": fault ? "code-fault" : undefined,
        oninput: (event: Event) => (state.code = (event.target as HTMLInputElement).value),
      }),
      h("button", { type: "submit", id: "code-apply", disabled: state.busy }, t().apply),
    ),
    fault && h("p", { class: "fault", id: "code-fault", role: "alert" }, fault),
  );
}

/** The sums of the session, or of the order that it became. */
function totals(totals: Totals) {
  const inclusive = state.link?.checkout.prices_include_tax ?? state.shop?.prices_include_tax ?? true;
  const row = (name: string, amount: string, kind = "") => h("div", { class: kind }, h("dt", {}, name), h("dd", {}, amount));
  return h(
    "dl",
    { class: "totals" },
    (totals.discount_total > 0 || !inclusive) && row(t().subtotal, totals.subtotal_formatted),
    totals.discount_total > 0 && row(t().discount, `−${totals.discount_total_formatted}`),
    !inclusive && totals.tax_breakdown.map((group) => row(fill(t().vatOnTop, { rate: group.rate }), money(group.tax))),
    row(t().total, totals.total_formatted, "grand"),
    inclusive && totals.tax_breakdown.filter((group) => group.tax > 0).map((group) => row(fill(t().vat, { rate: percent(group.rate) }), money(group.tax), "quiet")),
  );
}

const percent = (rate: string) => new Intl.NumberFormat(state.session!.locale).format(Number(rate));

const AUTOCOMPLETE: Record<string, string> = {
  email: "email", country: "country", state: "address-level1", first_name: "given-name", last_name: "family-name", phone: "tel",
  city: "address-level2", street: "address-line1", apartment: "address-line2", postal_code: "postal-code", company: "organization",
};

function field(spec: { key: string; requirement: string; description?: string | null; translations?: Record<string, Record<string, unknown>> }) {
  const { key } = spec;
  const id = `field-${key}`;
  const fault = state.faults[key];
  const hint = translated(spec, "description");
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  const common = {
    id, name: key, autocomplete: AUTOCOMPLETE[key] ?? "off", required: spec.requirement === "required",
    disabled: state.session!.customer.locked.includes(key), "aria-invalid": fault ? "true" : undefined, "aria-describedby": described || undefined,
  };
  const names = new Intl.DisplayNames([state.session!.locale], { type: "region" });
  const control =
    key === "country"
      ? h(
          "select",
          { ...common, onchange: (event: Event) => act.customer(key, (event.target as HTMLSelectElement).value, true) },
          h("option", { value: "" }, t().choose),
          COUNTRIES.map((code) => [names.of(code) ?? code, code] as const)
            .sort((a, b) => a[0].localeCompare(b[0], state.session!.locale))
            .map(([name, code]) => h("option", { value: code, selected: state.form[key] === code }, name)),
        )
      : h("input", {
          ...common, type: key === "email" ? "email" : key === "phone" ? "tel" : "text", maxlength: 255, value: state.form[key] ?? "",
          oninput: (event: Event) => act.customer(key, (event.target as HTMLInputElement).value, false),
        });
  return h(
    "label",
    { class: `field ${key}`, for: id },
    h("span", {}, texts()[key] ?? key, spec.requirement === "optional" && h("small", {}, ` (${t().optional})`)),
    control,
    hint && h("small", { id: `${id}-hint` }, hint),
    fault && h("small", { id: `${id}-fault`, class: "fault" }, fault),
  );
}

function details() {
  const fields = state.shop!.billing_form.fields.filter((field) => field.requirement !== "hidden");
  return h(
    "form",
    { novalidate: true, onsubmit: act.submitDetails },
    h("h1", { id: "title", tabindex: "-1" }, t().details),
    h("div", { class: "fields" }, fields.map(field)),
    h("button", { type: "submit", id: "next", class: "main" }, t().next),
  );
}

function extras() {
  const addOn = act.nextExtra();
  if (!addOn) return h("p", {}, t().busy);
  const { name, description } = addOnText(addOn);
  const image = web(addOn.image_url);
  return h(
    "div",
    { class: "extra" },
    h("h1", { id: "title", tabindex: "-1" }, t().extras),
    image && h("img", { src: image, alt: "", class: "picture" }),
    h("h2", {}, name),
    description && h("p", {}, description),
    h(
      "p",
      { class: "price big" },
      addOn.original_unit_amount != null && h("s", { "aria-label": fill(t().was, { price: money(addOn.original_unit_amount) }) }, money(addOn.original_unit_amount)),
      " ",
      addOn.unit_amount_formatted,
    ),
    h("button", { id: "take", class: "main", disabled: state.busy, onclick: () => act.extra(addOn, true) }, t().takeIt),
    h("button", { id: "skip", class: "plain wide", disabled: state.busy, onclick: () => act.extra(addOn, false) }, t().skip),
    h("button", { id: "back", class: "plain", onclick: act.back }, `← ${t().back}`),
  );
}

function consent(name: string) {
  const fault = state.faults[name];
  const policy = (state.shop?.policies as Record<string, { url?: string } | undefined> | undefined)?.[name];
  const url = web(policy?.url);
  return h(
    "div",
    { class: "consent" },
    h(
      "label",
      { class: "check" },
      h("input", {
        type: "checkbox", id: `field-${name}`, checked: state.consents[name], "aria-invalid": fault ? "true" : undefined,
        onchange: (event: Event) => act.agree(name, (event.target as HTMLInputElement).checked),
      }),
      h("span", {}, texts()[name] ?? name),
    ),
    url && h("a", { href: url, target: "_blank", rel: "noopener", class: "policy", "aria-label": `${texts()[name]}: ${t().read}` }, t().read),
  );
}

function pay() {
  const session = state.session!;
  const methods = session.payment_methods;
  return h(
    "form",
    { novalidate: true, onsubmit: act.submitPayment },
    h("h1", { id: "title", tabindex: "-1" }, t().payment),
    h(
      "fieldset",
      { class: "methods" },
      h("legend", {}, t().pickMethod),
      methods.map((method) => {
        const why = method.available ? "" : (texts()[`why_${method.unavailable_reason}`] ?? t().why_other);
        return h(
          "label",
          { class: method.available ? "method" : "method off" },
          h("input", {
            type: "radio", name: "method", id: `method-${method.provider}`, value: method.provider, checked: state.method === method.provider,
            disabled: !method.available, onchange: () => act.pick(method.provider),
          }),
          h("span", {}, texts()[`method_${method.provider}`] ?? method.provider, why && h("small", {}, why)),
        );
      }),
    ),
    h("div", { class: "consents" }, ["terms", "privacy", "immediate_delivery", "marketing"].map(consent)),
    h(
      "button",
      { type: "submit", id: "confirm", class: "main", disabled: state.busy },
      state.busy ? t().busy : state.method === "free" ? t().complete : state.method === "offline" ? t().transfer : fill(t().pay, { total: session.totals.total_formatted }),
    ),
    h("button", { type: "button", id: "back", class: "plain", onclick: act.back }, `← ${t().back}`),
  );
}

/* ---------------------------------------------------------------- the order and its payment */

function order() {
  const { order, payment } = state;
  if (!order) return h("section", { class: "card narrow" }, h("p", {}, t().busy));
  const paid = act.isPaid(order);
  return h("section", { class: "card narrow result" }, notice(), paid ? result() : order.status === "refunded" ? refunded() : payment ? open(payment) : waiting(), paid ? null : receipt());
}

function receipt() {
  const order = state.order!;
  const line = (line: OrderLine) =>
    h(
      "li",
      { class: "line" },
      h("div", { class: "line-head" }, h("span", {}, line.name, line.quantity > 1 ? ` × ${line.quantity}` : ""), h("span", { class: "price" }, money(line.subtotal, order.currency))),
      act.isOnItsWay(order, line) && h("p", { class: "quiet on-its-way" }, t().onItsWay),
    );
  return h(
    "div",
    { class: "receipt" },
    h("ul", { class: "lines" }, order.lines.map(line)),
    totals(order),
  );
}

/** The keys that still hold, by line. A license without a key is one of a buyer who asked to be forgotten. */
function licenses() {
  const lines = state.order!.lines
    .map((line) => ({ name: line.name, held: line.licenses.filter((license) => license.status !== "revoked" && license.key) }))
    .filter((line) => line.held.length > 0);
  if (!lines.length) return null;
  const key = (license: License) =>
    h("dd", {}, h("code", {}, license.key!), h("button", { id: `copy-${license.id}`, class: "plain small", "aria-label": `${t().copy}: ${license.key}`, onclick: () => act.copy(license.key!) }, t().copy));
  return h("div", { class: "licenses" }, h("h2", {}, t().licenses), h("dl", {}, lines.map(({ name, held }) => h("div", {}, h("dt", {}, name), held.map(key)))));
}

function result() {
  const order = state.order!;
  const onward = web(order.success_url);
  return [
    h("p", { class: "mark good", "aria-hidden": "true" }, "✓"),
    h("h1", { id: "title", tabindex: "-1" }, t().thanks),
    h("p", {}, fill(t().thanksText, { number: String(order.number), email: state.session?.customer.email ?? "" })),
    licenses(),
    receipt(),
    onward && h("a", { href: onward, class: "main button", id: "onward" }, t().onward),
    h("button", { id: "again", class: "plain", onclick: act.startOver }, t().newOrder),
  ];
}

function refunded() {
  return [h("h1", { id: "title", tabindex: "-1" }, t().refundedTitle), h("p", {}, fill(t().refundedText, { number: String(state.order!.number) }))];
}

function waiting() {
  return [
    h("div", { class: "spinner", "aria-hidden": "true" }),
    h("h1", { id: "title", tabindex: "-1" }, t().waiting),
    h("p", {}, t().waitingText),
    otherWays(),
  ];
}

function otherWays() {
  return h(
    "div",
    { class: "ways" },
    h("button", { id: "resume", class: "plain", disabled: state.busy, onclick: act.resume }, t().basket),
  );
}

function open(payment: Payment): (Node | null | false)[] {
  if (["failed", "cancelled", "expired"].includes(payment.status) || payment.error) return failed(payment);
  if (payment.provider === "test" && !state.waitingForTest) return testPayment();
  if (payment.instructions) return transfer(payment.instructions);
  if (payment.client_secret) return card();
  if (payment.redirect_url || payment.form) {
    // Once back from the provider's page, nobody is taken anywhere without asking.
    return [
      state.going && h("div", { class: "spinner", "aria-hidden": "true" }),
      h("h1", { id: "title", tabindex: "-1" }, state.going ? t().going : t().openTitle),
      !state.going && h("p", {}, t().openText),
      h("button", { id: "go", class: "main", onclick: () => act.leave(payment) }, t().goOn),
      otherWays(),
    ];
  }
  return waiting();
}

function failed(payment: Payment) {
  return [
    h("p", { class: "mark bad", "aria-hidden": "true" }, "!"),
    h("h1", { id: "title", tabindex: "-1" }, payment.status === "cancelled" ? t().cancelledTitle : t().failedTitle),
    h("p", { role: "alert" }, t().failedText),
    h("button", { id: "retry", class: "main", disabled: state.busy, onclick: () => act.attempt(payment.provider) }, t().again),
    h("button", { id: "resume", class: "plain", disabled: state.busy, onclick: act.resume }, t().another),
  ];
}

function testPayment() {
  const outcome = (name: "succeeded" | "failed" | "pending", kind: string) =>
    h("button", { id: `outcome-${name}`, class: kind, disabled: state.busy, onclick: () => act.testOutcome(name) }, texts()[name] ?? name);
  return [
    h("h1", { id: "title", tabindex: "-1" }, t().testTitle),
    h("p", {}, t().testText),
    h("div", { class: "outcomes" }, outcome("succeeded", "main"), outcome("failed", "plain edge"), outcome("pending", "plain edge")),
    otherWays(),
  ];
}

function card() {
  return [
    h("h1", { id: "title", tabindex: "-1" }, t().cardForm),
    h("div", { id: "card-form" }),
    h("p", { id: "card-fault", class: "fault", role: "alert" }),
    h("button", { id: "card-pay", class: "main", onclick: act.payByCard }, fill(t().pay, { total: state.order!.total_formatted })),
    otherWays(),
  ];
}

/** The modules of a QR code as one path: no markup from strings, and sharp at any size. */
function qr(text: string) {
  qrcode.stringToBytes = (value: string) => [...new TextEncoder().encode(value)];
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) if (code.isDark(row, column)) path += `M${column + 4} ${row + 4}h1v1h-1z`;
  }
  const side = String(size + 8);
  return svg(
    "svg",
    { viewBox: `0 0 ${side} ${side}`, class: "qr", role: "img", "aria-label": t().scan, "shape-rendering": "crispEdges" },
    svg("rect", { width: side, height: side, fill: "#fff" }),
    svg("path", { d: path, fill: "#000" }),
  );
}

function transfer(how: Instructions) {
  const row = (name: string, value: string | null | undefined, copied = value) =>
    value
      ? h("div", {}, h("dt", {}, name), h("dd", {}, h("span", {}, value), copied && h("button", { id: `copy-${name}`, class: "plain small", "aria-label": `${t().copy}: ${name}`, onclick: () => act.copy(copied) }, t().copy)))
      : null;
  return [
    h("h1", { id: "title", tabindex: "-1" }, fill(t().placed, { number: String(state.order!.number) })),
    h("p", {}, t().transferText),
    how.text ? h("p", { class: "quiet" }, how.text) : null,
    h(
      "div",
      { class: "transfer" },
      h(
        "dl",
        {},
        row(t().payee, how.payee),
        row(t().iban, how.iban.replace(/(.{4})(?=.)/g, "$1 "), how.iban),
        row(t().bic, how.bic),
        row(t().reference, how.reference),
        row(t().rf_reference, how.rf_reference),
        row(t().amount, state.order!.total_formatted, ""),
        row(t().due, new Intl.DateTimeFormat(state.session!.locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(how.due_date)), ""),
        row(t().barcode, how.barcode),
      ),
      how.epc_qr ? h("figure", {}, qr(how.epc_qr), h("figcaption", {}, t().scan)) : null,
    ),
    otherWays(),
  ];
}
