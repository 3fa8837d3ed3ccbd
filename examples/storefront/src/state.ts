// What the page knows, and how it asks the server. The server decides everything about money; the page only shows it.
import { Refused, api, ok, once } from "./api";
import type { Checkout, Link, Order, Payment, Session } from "./api";
import { LANGUAGES, fill, language } from "./texts";
import type { Texts } from "./texts";

export type Step = "details" | "extras" | "pay" | "order";

export interface Place {
  checkout: string;
  /** The slug of a permanent link. */
  link?: string;
  /** The token of a custom link: id, end and signature of its address. */
  token?: string;
  /** The token of a mail: the way back to an order. */
  access?: string;
}

export const query = new URLSearchParams(location.search);

/** `/storefront/{checkout}/{link}`, `…/c/{id}?expires=…&signature=…` or `…/o/{token}`. */
export function place(): Place {
  const [checkout = "", first = "", second = ""] = location.pathname.replace(/^\/storefront\//, "").split("/").map(decodeURIComponent);
  if (first === "c") return { checkout, token: [second, query.get("expires"), query.get("signature")].join(".") };
  if (first === "o") return { checkout, access: second };
  return { checkout, link: first };
}

export const state = {
  place: place(),
  step: "details" as Step,
  shop: undefined as Checkout | undefined,
  link: undefined as Link | undefined,
  session: undefined as Session | undefined,
  secret: "",
  order: undefined as Order | undefined,
  payment: undefined as Payment | undefined,
  form: {} as Record<string, string>,
  consents: { terms: false, privacy: false, immediate_delivery: false, marketing: false } as Record<string, boolean>,
  method: "",
  code: "",
  busy: false,
  /** A test payment that was told to stay open. */
  waitingForTest: false,
  /** On the way to the provider's page. */
  going: false,
  /** What the buyer should read first. */
  notice: "",
  faults: {} as Record<string, string>,
  holdEnds: 0,
  fatal: undefined as Refused | undefined,
  language: "en",
};

export const t = (): Texts => LANGUAGES[state.language]!.texts;

const key = () => `kassa ${location.pathname}`;
export const remember = () =>
  sessionStorage.setItem(key(), JSON.stringify({ id: state.session?.id, secret: state.secret }));
export const forget = () => sessionStorage.removeItem(key());

export const auth = () => ({ Authorization: `Bearer ${state.secret}` });
export const path = () => ({ session_id: state.session!.id });

/** What a refusal means to the buyer, in their language where the page knows the code. */
export function reason(error: unknown): string {
  const texts = t();
  if (!(error instanceof Refused)) return texts.problem;
  const { code, title, detail, errors } = error.problem;
  if (code === "no-connection") return texts.noConnection;
  if (code === "quote-changed") return texts.changed;
  const why = (error.problem as { reason?: string }).reason;
  if (why) return `${texts.refused}: ${(texts as Record<string, string>)[why] ?? detail ?? title}`;
  return errors?.map((fault) => fault.detail).join("; ") || detail || title || texts.problem;
}

export function took(session: Session) {
  state.session = session;
  const discount = session.discount;
  state.holdEnds = discount && discount.state === "held" ? Date.parse(discount.expires_at) : 0;
  for (const message of session.messages) {
    const texts = t() as Record<string, string>;
    const known: Record<string, string | undefined> = {
      discount_removed: texts["removed"], discount_lapsed: texts["lapsed"], discount_refused: texts["refused"], price_changed: texts["price_changed"],
    };
    const why = message.reason ? texts[message.reason] : undefined;
    state.notice = [known[message.code] ?? message.detail, why].filter(Boolean).join(": ");
  }
}

export async function reload() {
  took(await ok(api.GET("/v1/storefront/sessions/{session_id}", { params: { path: path() }, headers: auth() })));
}

export async function readOrder() {
  state.order = await ok(api.GET("/v1/storefront/sessions/{session_id}/order", { params: { path: path() }, headers: auth() }));
}

/** The open attempt of a session that has been confirmed. */
export async function readPayment() {
  await reload();
  if (state.session?.payment) state.payment = state.session.payment as Payment;
  await readOrder();
}

async function open(): Promise<void> {
  const { checkout, link, token } = state.place;
  const number = (name: string) => (query.get(name) ? Number(query.get(name)) : undefined);
  const custom: Record<string, string> = {};
  for (const [name, value] of query) {
    const inner = /^custom\[(.+)\]$/.exec(name)?.[1];
    if (inner) custom[inner] = value;
  }
  const wanted = {
    ...(token ? { link_token: token } : { checkout, link }),
    locale: query.get("locale") ?? preferred(),
    quantity: number("quantity"),
    currency: query.get("currency") ?? undefined,
    variant_id: query.get("variant") ?? undefined,
    discount_code: query.get("discount") ?? undefined,
    source: query.get("source") ?? undefined,
    tags: query.getAll("tag"),
    customer: query.get("email") ? { email: query.get("email") } : undefined,
    custom: Object.keys(custom).length ? custom : undefined,
  };
  const opened = await ok(api.POST("/v1/storefront/sessions", { body: wanted }));
  state.secret = opened.client_secret;
  took(opened.session);
  remember();
}

function preferred(): string {
  const spoken = state.shop?.locales ?? ["en"];
  const fits = navigator.languages.find((wish) => spoken.some((locale) => language(locale) === wish.slice(0, 2)));
  return spoken.find((locale) => fits && locale.slice(0, 2) === fits.slice(0, 2)) ?? state.shop?.default_locale ?? "en";
}

/** Reads the shop and the link, and comes back to the session that this window has, or opens one. */
export async function begin() {
  const { checkout, link, token, access } = state.place;
  state.language = language(query.get("locale") ?? navigator.language);
  const shop = ok(api.GET("/v1/storefront/checkouts/{checkout}", { params: { path: { checkout } } }));
  if (access) {
    [state.shop] = await Promise.all([shop]);
    const opened = await ok(api.POST("/v1/storefront/order-access", { body: { token: access } }));
    state.secret = opened.client_secret;
    took(opened.session);
  } else {
    const offer = token
      ? ok(api.GET("/v1/storefront/links/{token}", { params: { path: { token } } }))
      : ok(api.GET("/v1/storefront/checkouts/{checkout}/links/{link}", { params: { path: { checkout, link: link ?? "" } } }));
    [state.shop, state.link] = await Promise.all([shop, offer]);
    const kept = JSON.parse(sessionStorage.getItem(key()) ?? "null") as { id: string; secret: string } | null;
    if (kept) {
      state.secret = kept.secret;
      state.session = { id: kept.id } as Session;
      await reload().catch(() => (state.session = undefined));
    }
    if (!state.session || state.session.status === "expired") await open();
  }
  const session = state.session!;
  state.language = language(session.locale);
  for (const [name, value] of Object.entries(session.customer)) if (typeof value === "string") state.form[name] = value;
  if (session.order_id) {
    state.payment = (session.payment as Payment | null) ?? undefined;
    await readOrder();
    // The order stays when the buyer goes back to the basket; then the session is open again.
    if (session.status !== "open") state.step = "order";
  }
}

export const money = (amount: number, currency = state.session!.totals.currency) =>
  new Intl.NumberFormat(state.session!.locale, { style: "currency", currency }).format(
    amount / 10 ** (new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2),
  );

export { fill, once };
