// What the buyer does: each action asks the server, takes its answer into the state, and draws the page again.
import { Refused, api, ok } from "./api";
import type { AddOn, Order, OrderLine, Payment } from "./api";
import { announce, show } from "./dom";
import { auth, begin, fill, forget, once, path, readOrder, readPayment, reason, reload, state, t, took } from "./state";
import type { Step } from "./state";
import { language } from "./texts";
import { page } from "./view";
import { paint } from "./style";

const root = () => document.getElementById("app")!;

export function draw() {
  document.documentElement.lang = state.language;
  const title = [state.link?.title, state.shop?.name].filter(Boolean).join(" · ");
  if (title) document.title = title;
  show(root(), page());
  cardForm();
}

/** Shows another step and begins to read at its heading. */
function go(step: Step) {
  state.step = step;
  draw();
  window.scrollTo(0, 0);
  document.getElementById("title")?.focus({ preventScroll: true });
  if (step !== "order") history.replaceState(null, "", location.pathname + location.search);
}

let last: Promise<unknown> = Promise.resolve();

/** Asks one thing after the other; what is refused is said, and nothing is lost. */
function doing(work: () => Promise<unknown>, failed?: (error: unknown) => void): Promise<void> {
  const next = last.then(() => ask(work, failed));
  last = next;
  return next;
}

async function ask(work: () => Promise<unknown>, failed?: (error: unknown) => void) {
  state.busy = true;
  state.notice = "";
  draw();
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error);
    if (failed) failed(error);
    else state.notice = reason(error);
  } finally {
    state.busy = false;
    draw();
    if (state.notice) document.getElementById("notice")?.focus();
  }
}

const session = () => ({ params: { path: path() }, headers: auth() });

/* ------------------------------------------------------------------------------- the basket */

export const stepsOf = (): Step[] => (hasExtras() ? ["details", "extras", "pay"] : ["details", "pay"]);
const preUpsells = () => state.session!.add_ons.filter((addOn) => addOn.position === "pre_upsell");
const hasExtras = () => preUpsells().length > 0;
const answered = new Set<string>();
export const nextExtra = (): AddOn | undefined => preUpsells().find((addOn) => !answered.has(addOn.id));

export const change = (body: { currency?: string; locale?: string }) =>
  doing(async () => {
    took(await ok(api.PATCH("/v1/storefront/sessions/{session_id}", { ...session(), body })));
    announceTotal();
  });

export const speak = (locale: string) =>
  doing(async () => {
    took(await ok(api.PATCH("/v1/storefront/sessions/{session_id}", { ...session(), body: { locale } })));
    state.language = language(locale);
    state.faults = {};
    if (state.order) await readOrder();
  });

function announceTotal() {
  announce(fill(t().totalNow, { total: state.session!.totals.total_formatted }));
}

export const line = (id: string, body: { quantity?: number; variant_id?: string; selected?: boolean }) =>
  doing(async () => {
    const params = { path: { ...path(), line_id: id } };
    took(await ok(api.PATCH("/v1/storefront/sessions/{session_id}/lines/{line_id}", { params, headers: auth(), body })));
    announceTotal();
  });

async function setAddOn(id: string, accepted: boolean) {
  const params = { path: { ...path(), add_on_id: id } };
  if (accepted) took(await ok(api.PUT("/v1/storefront/sessions/{session_id}/add-ons/{add_on_id}", { params, headers: auth(), body: {} })));
  else {
    await ok(api.DELETE("/v1/storefront/sessions/{session_id}/add-ons/{add_on_id}", { params, headers: auth() }));
    await reload();
  }
  announceTotal();
}

export const addOn = (id: string, accepted: boolean) => doing(() => setAddOn(id, accepted));

export const extra = (addOn: AddOn, accepted: boolean) =>
  doing(async () => {
    if (accepted !== addOn.accepted) await setAddOn(addOn.id, accepted);
    answered.add(addOn.id);
  }).then(() => {
    if (!state.notice) go(nextExtra() ? "extras" : "pay");
  });

export function back() {
  answered.clear();
  state.notice = "";
  go(state.step === "pay" && hasExtras() ? "extras" : "details");
}

/* ---------------------------------------------------------------------------- discount code */

export function applyCode(event: Event) {
  event.preventDefault();
  const code = state.code.trim();
  delete state.faults["code"];
  if (!code) return;
  void doing(
    async () => {
      took(await ok(api.PUT("/v1/storefront/sessions/{session_id}/discount", { ...session(), body: { code } })));
      state.code = "";
      announceTotal();
    },
    (error) => {
      state.faults["code"] = reason(error);
    },
  );
}

export const removeCode = () =>
  doing(async () => {
    await ok(api.DELETE("/v1/storefront/sessions/{session_id}/discount", session()));
    await reload();
    announceTotal();
  });

export function holdText() {
  const left = Math.max(0, Math.floor((state.holdEnds - Date.now()) / 1000));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return fill(t().held, { time });
}

let active = Date.now();
let beaten = Date.now();
for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, () => (active = Date.now()), { passive: true });

/** Every second: the time that the code is held, and while the buyer is about, a heartbeat that renews it. */
function tick() {
  const held = state.session?.discount;
  if (!held || !state.holdEnds || state.session?.status !== "open") return;
  const text = document.getElementById("hold");
  if (text) text.textContent = holdText();
  const renew = (held.renew_after_seconds ?? 60) * 1000;
  if (Date.now() - beaten > renew && active > beaten) {
    beaten = Date.now();
    void ok(api.POST("/v1/storefront/sessions/{session_id}/heartbeat", session()))
      .then(reload)
      .then(() => text && draw())
      .catch(() => undefined);
  } else if (Date.now() > state.holdEnds + 1000) {
    state.holdEnds = 0;
    void doing(async () => {
      await reload();
      if (!state.session?.discount) state.notice = t().lapsed;
    });
  }
}

/* ---------------------------------------------------------------------------------- details */

export function customer(key: string, value: string, now: boolean) {
  state.form[key] = value;
  delete state.faults[key];
  // The country decides the VAT: the buyer sees it at once.
  if (now) void doing(async () => took(await ok(api.PATCH("/v1/storefront/sessions/{session_id}", { ...session(), body: { customer: { [key]: value || null } } }))));
}

function faultsOf(error: unknown, prefix: string): boolean {
  const errors = error instanceof Refused ? (error.problem.errors ?? []) : [];
  const texts = t() as Record<string, string>;
  for (const fault of errors) {
    const field = fault.pointer.replace(prefix, "").split("/")[0] ?? "";
    const name = texts[field] ?? field;
    state.faults[field] = field === "email" ? t().badEmail : fault.code === "required" ? fill(t().missing, { field: name }) : `${name}: ${fault.detail}`;
  }
  return errors.length > 0;
}

export function submitDetails(event: Event) {
  event.preventDefault();
  const fields = state.shop!.billing_form.fields.filter((field) => field.requirement !== "hidden");
  const texts = t() as Record<string, string>;
  state.faults = {};
  const body: Record<string, string | null> = {};
  for (const { key, requirement } of fields) {
    const value = state.form[key]?.trim() ?? "";
    if (requirement === "required" && !value) state.faults[key] = fill(t().missing, { field: texts[key] ?? key });
    if (key === "email" && value && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value)) state.faults[key] = t().badEmail;
    if (!state.session!.customer.locked.includes(key)) body[key] = value || null;
  }
  if (Object.keys(state.faults).length) {
    draw();
    document.getElementById("notice")?.focus();
    return;
  }
  void doing(
    async () => took(await ok(api.PATCH("/v1/storefront/sessions/{session_id}", { ...session(), body: { customer: body } }))),
    (error) => {
      if (!faultsOf(error, "/customer/")) state.notice = reason(error);
    },
  ).then(() => {
    if (Object.keys(state.faults).length) document.getElementById("notice")?.focus();
    else if (!state.notice) {
      answered.clear();
      chooseMethod();
      go(nextExtra() ? "extras" : "pay");
    }
  });
}

/* ---------------------------------------------------------------------------------- payment */

function chooseMethod() {
  const usable = state.session!.payment_methods.filter((method) => method.available);
  if (!usable.some((method) => method.provider === state.method)) state.method = usable[0]?.provider ?? "";
}

export function agree(name: string, agreed: boolean) {
  state.consents[name] = agreed;
  delete state.faults[name];
  draw();
}

export function pick(provider: string) {
  state.method = provider;
  draw();
}

/** Where a provider sends the buyer back to: this page, which finds its session again. */
const returns = () => {
  const here = location.origin + location.pathname + location.search;
  return { return_url: here, cancel_url: here };
};

function took_order(answer: { order: Order; payment: Payment }) {
  state.order = answer.order;
  state.payment = answer.payment;
  state.waitingForTest = false;
}

export function submitPayment(event: Event) {
  event.preventDefault();
  state.faults = {};
  for (const name of ["terms", "privacy", "immediate_delivery"]) {
    if (!state.consents[name]) state.faults[name] = fill(t().agree, { what: (t() as Record<string, string>)[name] ?? name });
  }
  chooseMethod();
  if (Object.keys(state.faults).length) {
    draw();
    document.getElementById("notice")?.focus();
    return;
  }
  void doing(
    async () => {
      const sends = ["test", "free", "offline"].includes(state.method) ? {} : returns();
      const body = { expected_total: state.session!.totals.total, provider: state.method, consents: { ...state.consents }, ...sends };
      const key = once();
      const headers = { ...auth(), ...key };
      took_order(await ok(api.POST("/v1/storefront/sessions/{session_id}/confirm", { params: { path: path() }, headers, body })));
      await reload();
    },
    (error) => {
      state.notice = reason(error);
      // What there is to pay has changed, or the code is gone: the server's basket is the true one.
      void reload().then(draw, () => undefined);
    },
  ).then(() => {
    if (!state.notice && state.order) settle();
  });
}

/** Goes where the payment goes on. */
function settle() {
  go("order");
  const payment = state.payment;
  if (payment && !isPaid(state.order!) && payment.status !== "failed" && (payment.redirect_url || payment.form)) leave(payment);
  watch();
}

export function leave(payment: Payment) {
  state.going = true;
  draw();
  if (payment.redirect_url && /^https?:\/\//.test(payment.redirect_url)) {
    location.assign(payment.redirect_url);
  } else if (payment.form && /^https?:\/\//.test(payment.form.action)) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = payment.form.action;
    for (const { name, value } of payment.form.fields) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }
}

/** A line that is paid and not delivered; one that staff have settled in another way is neither. */
export const isOnItsWay = (order: Order, line: OrderLine) => order.status === "paid" && line.fulfillment_status === "not_delivered" && !line.returned_at;

export const isPaid = (order: Order) => order.payment_status === "paid" || order.status === "paid" || order.status === "completed";

export const attempt = (provider: string) =>
  doing(async () => {
    const sends = ["test", "free", "offline"].includes(provider) ? {} : returns();
    const headers = { ...auth(), ...once() };
    took_order(await ok(api.POST("/v1/storefront/sessions/{session_id}/payments", { params: { path: path() }, headers, body: { provider, ...sends } })));
  }).then(() => {
    if (!state.notice) settle();
  });

/** Back to the basket: the order stays, the open attempt is closed. */
export const resume = () =>
  doing(async () => {
    took(await ok(api.POST("/v1/storefront/sessions/{session_id}/resume", { params: { path: path() }, headers: { ...auth(), ...once() } })));
    state.payment = undefined;
  }).then(() => {
    if (!state.notice) go("details");
  });

export const testOutcome = (outcome: "succeeded" | "failed" | "pending") =>
  doing(async () => {
    took_order(await ok(api.POST("/v1/storefront/sessions/{session_id}/test-payment", { ...session(), body: { outcome } })));
    state.waitingForTest = outcome === "pending";
  }).then(() => {
    if (!state.notice) go("order");
    watch();
  });

let watching = 0;

/** Asks after the order until it is paid and delivered, or has failed: often at first, then more and more seldom. */
function watch(pause = 1000) {
  clearTimeout(watching);
  const { order, payment } = state;
  if (state.step !== "order" || !order) return;
  const paid = isPaid(order);
  if (paid ? !order.lines.some((line) => isOnItsWay(order, line)) : order.status === "refunded") return;
  if (!paid && payment && (["failed", "cancelled", "expired"].includes(payment.status) || (payment.provider === "test" && !state.waitingForTest))) return;
  watching = window.setTimeout(async () => {
    await (paid ? readOrder() : readPayment()).catch(() => undefined);
    if (state.step !== "order") return;
    if (state.order !== order) arrived(order, payment);
    watch(Math.min(pause * 1.5, paid ? 60_000 : 20_000));
  }, pause);
}

/** What of a paid order is shown line by line: one line may change while the order as a whole is as delivered as it was. */
const linesOf = (order: Order) => JSON.stringify(order.lines.map((line) => [isOnItsWay(order, line), line.licenses.map(({ key, status }) => [key, status])]));

/** Shows what has become of the order: another page for another state of the money, and no jump for what is delivered. */
function arrived(before: Order, payment: Payment | undefined) {
  const now = state.order!;
  const same = before.status === now.status && before.payment_status === now.payment_status && payment?.status === state.payment?.status;
  if (same && linesOf(before) === linesOf(now)) return;
  if (!isPaid(before) || !isPaid(now)) return go("order");
  draw();
  const had = (line: OrderLine) => before.lines.some(({ id, fulfillment_status }) => id === line.id && fulfillment_status !== "not_delivered");
  if (!now.lines.some((line) => line.fulfillment_status !== "not_delivered" && !had(line))) return;
  announce(now.lines.some((line) => isOnItsWay(now, line)) ? t().partArrived : t().arrived);
}

export const copy = (text: string) => navigator.clipboard.writeText(text).then(() => announce(t().copied), () => undefined);

export function startOver() {
  forget();
  location.reload();
}

/* ------------------------------------------------------------------- card form of the provider */

interface StripeElements {
  create(kind: string): { mount(where: string): void };
}
interface StripeClient {
  elements(options: { clientSecret: string }): StripeElements;
  confirmPayment(options: { elements: StripeElements; confirmParams: { return_url: string } }): Promise<{ error?: { message?: string } }>;
}
declare global {
  interface Window {
    Stripe?: (key: string) => StripeClient;
  }
}

let stripe: { client: StripeClient; elements: StripeElements; secret: string } | undefined;

/** Stripe's own form: the card number never touches this page. Loaded only when it is needed. */
function cardForm() {
  const place = document.getElementById("card-form");
  const payment = state.payment;
  if (!place || !payment?.client_secret || !payment.publishable_key) return;
  const mount = () => {
    if (!window.Stripe) return cardFault(t().stripeMissing);
    if (!stripe || stripe.secret !== payment.client_secret) {
      const client = window.Stripe(payment.publishable_key!);
      stripe = { client, elements: client.elements({ clientSecret: payment.client_secret! }), secret: payment.client_secret! };
    }
    stripe.elements.create("payment").mount("#card-form");
  };
  if (window.Stripe) return mount();
  if (document.getElementById("stripe-script")) return;
  const script = document.createElement("script");
  script.id = "stripe-script";
  script.src = "https://js.stripe.com/v3/";
  script.onload = mount;
  script.onerror = () => cardFault(t().stripeMissing);
  document.head.append(script);
}

function cardFault(text: string) {
  const place = document.getElementById("card-fault");
  if (place) place.textContent = text;
}

export async function payByCard() {
  if (!stripe) return cardFault(t().stripeMissing);
  const { error } = await stripe.client.confirmPayment({ elements: stripe.elements, confirmParams: { return_url: returns().return_url } });
  if (error) cardFault(error.message ?? t().failedTitle);
}

/* ------------------------------------------------------------------------------------ begin */

export async function start() {
  try {
    await begin();
    if (state.shop) paint(state.shop.style as Record<string, string | null>, (state.link?.options ?? {}) as Record<string, unknown>);
    chooseMethod();
  } catch (error) {
    state.fatal = error instanceof Refused ? error : new Refused({ code: "unknown", title: String(error) });
  }
  draw();
  if (state.step === "order") watch();
  // By the browser's back button: the page as it was left.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    state.going = false;
    draw();
  });
  setInterval(tick, 1000);
}
