// The generated client: paths, bodies and answers are typed by the committed spec (`npm run client`).
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Session = Schemas["Session"];
export type Line = Schemas["SessionLine"];
export type AddOn = Schemas["SessionAddOn"];
export type Link = Schemas["PublicLink"];
export type Checkout = Schemas["PublicCheckout"];
export type Order = Schemas["BuyerOrder"];
/** Sums, of a session or of an order. */
export type Totals = Pick<Session["totals"], keyof Session["totals"] & keyof Order>;
export type OrderLine = Schemas["OrderLine"];
export type License = Schemas["License"];
export type Problem = Schemas["Problem"];

/** How to pay by bank transfer. */
export type Instructions = Schemas["PaymentInstructions"];

/** An attempt to pay, with the one thing that the buyer needs to go on. */
export type Payment = Schemas["BuyerPayment"];

export const api = createClient<paths>({ baseUrl: "" });

/** What went wrong, for a person; `code` is what the page looks at. */
export class Refused extends Error {
  constructor(readonly problem: Pick<Problem, "code" | "title"> & Partial<Problem>) {
    super(problem.detail ?? problem.title);
  }
}

/** The body of a good answer; throws the problem of a bad one. */
export async function ok<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let got;
  try {
    got = await answer;
  } catch {
    throw new Refused({ code: "no-connection", title: "no connection" });
  }
  if (got.response.ok) return got.data as T;
  const problem = got.error as Problem | undefined;
  throw new Refused(problem && problem.code ? problem : { code: "unknown", title: got.response.statusText });
}

/** A key that makes a repeated request one request. */
export const once = () => ({ "Idempotency-Key": crypto.randomUUID() });
