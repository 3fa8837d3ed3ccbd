// Paytrail with a memory: payments, questions, refunds, signed answers and callbacks. Whether a request is signed, and whether its
// body is one, Paytrail's own SDK says; it signs everything that leaves here too. It is still not Paytrail.
// Prints its port. Then each line of input is a JSON command, and each gets one line of JSON. Ends with its input.
require("reflect-metadata");
const { randomUUID } = require("node:crypto");
const http = require("node:http");
const path = require("node:path");
// The SDK's own copies, found from where it is: what class-validator knows is kept per copy.
const sdk = path.dirname(require.resolve("@paytrail/paytrail-js-sdk"));
const own = (name) => require(require.resolve(name, { paths: [sdk] }));
const { Signature } = require(path.join(sdk, "utils/signature.util.js"));
const { CreatePaymentRequest } = require(path.join(sdk, "models/request/create-payment.model.js"));
const { CreateRefundRequest } = require(path.join(sdk, "models/request/create-refund.model.js"));
const { validateSync } = own("class-validator");
const { plainToInstance } = own("class-transformer");

// The accounts that Paytrail publishes for trials.
const SECRETS = { 375917: "SAIPPUAKAUPPIAS", 695861: "MONISAIPPUAKAUPPIAS" };
const payments = new Map();
const nonces = new Set();
const requests = [];
// What the next requests meet: each {on: "create" | "get" | "refund", do, status?, unnamed?}, taken off as it is met. A refund that is
// unnamed has no transaction yet.
let plans = [];
let algorithm = "sha256";

const signed = (pairs) => Object.fromEntries(Object.entries(pairs).filter(([name]) => name.startsWith("checkout-")));
const sign = (account, pairs, body) =>
  Signature.calculateHmac(SECRETS[account], signed(pairs), body ?? "", pairs["checkout-algorithm"]);

function complaints(kind, body) {
  const found = validateSync(plainToInstance(kind, body));
  const told = (error) => [...Object.values(error.constraints ?? {}), ...(error.children ?? []).flatMap(told)];
  return found.flatMap(told);
}

function refusal(headers, body) {
  const account = headers["checkout-account"];
  if (!SECRETS[account]) return [401, "unknown account"];
  const given = signed(headers);
  const good = Signature.validateHmac(given, body ?? "", headers.signature, SECRETS[account], headers["checkout-algorithm"]);
  if (!good) return [401, "signature mismatch"];
  if (nonces.has(headers["checkout-nonce"])) return [400, "nonce seen before"];
  nonces.add(headers["checkout-nonce"]);
  return null;
}

function create(account, body) {
  const wrong = complaints(CreatePaymentRequest, body);
  if (body.currency !== "EUR") wrong.push("currency");
  const items = Array.isArray(body.items) ? body.items : [];
  const sum = items.reduce((sum, item) => sum + item.unitPrice * item.units, 0);
  if (items.length === 0 || sum !== body.amount) wrong.push("items do not add up to the amount");
  if (items.some((item) => item.unitPrice < 0 || !item.stamp)) wrong.push("items");
  if (new Set(items.map((item) => item.stamp)).size !== items.length) wrong.push("item stamps");
  if (wrong.length > 0) return [400, { status: "error", message: "invalid", meta: wrong }];
  const id = randomUUID();
  const href = `https://pay.paytrail.example/pay/${id}`;
  payments.set(id, { id, account, href, status: "new", body, refunds: [] });
  return [201, { transactionId: id, href, terms: "", groups: [], reference: "37591710000", providers: [] }];
}

function refund(payment, body, plan) {
  if (plan?.do === "unsupported") return [422, { status: "error", message: "the provider does not support refunds" }];
  const wrong = complaints(CreateRefundRequest, body);
  if (payment.status !== "ok") wrong.push("the payment is not paid");
  const known = payment.body.items.map((item) => item.stamp);
  const items = body.items ?? [];
  if (items.some((item) => !known.includes(item.stamp))) wrong.push("no such item");
  if (items.length > 0 && items.reduce((sum, item) => sum + item.amount, 0) !== body.amount) wrong.push("items");
  const before = payment.refunds.filter((one) => one.status !== "fail").reduce((sum, one) => sum + one.body.amount, 0);
  if (before + body.amount > payment.body.amount) wrong.push("more than was paid");
  if (wrong.length > 0) return [400, { status: "error", message: "invalid", meta: wrong }];
  const made = { id: randomUUID(), status: plan?.status ?? "ok", body };
  payment.refunds.push(made);
  return [201, { transactionId: plan?.unnamed ? undefined : made.id, provider: "nordea", status: made.status }];
}

function answer(request, headers, text) {
  const body = text ? JSON.parse(text) : undefined;
  const account = headers["checkout-account"];
  const refused = refusal(headers, body);
  // Who is not known gets no signature.
  if (refused) return { status: refused[0], body: { status: "error", message: refused[1] } };
  const of = (status, body) => ({ status, body, account });
  const [, first, id, last] = request.url.split("/");
  const kind = request.method === "GET" ? "get" : last === "refund" ? "refund" : "create";
  const at = plans.findIndex((plan) => plan.on === kind);
  const plan = at < 0 ? undefined : plans.splice(at, 1)[0];
  if (plan?.do === "drop_request") return { drop: true };
  if (first !== "payments") return of(404, { status: "error", message: "not found" });
  let made;
  if (kind === "create") {
    made = of(...create(account, body));
  } else {
    const payment = payments.get(id);
    if (!payment || payment.account !== account || headers["checkout-transaction-id"] !== id) {
      made = of(404, { status: "error", message: "not found" });
    } else if (kind === "refund") {
      made = of(...refund(payment, body, plan));
    } else {
      const { stamp, reference, amount, currency } = payment.body;
      const { status, href } = payment;
      const told = { transactionId: id, status, amount: payment.paid ?? amount, currency, stamp, reference, href };
      made = of(200, { ...told, createdAt: "2026-11-21T09:13:00.000Z" });
    }
  }
  return { ...made, plan };
}

function send(response, { status, body, account, plan, drop }) {
  if (drop || plan?.do === "drop_answer") return response.socket.destroy();
  if (plan?.do === "error") return response.writeHead(plan.status ?? 500).end("Internal Server Error");
  if (plan?.do === "garbage") return response.writeHead(status).end("<html>maintenance</html>");
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json; charset=utf-8", "request-id": randomUUID() };
  if (account) {
    Object.assign(headers, { "checkout-account": account, "checkout-algorithm": algorithm, "checkout-method": "POST" });
    headers["checkout-nonce"] = randomUUID();
    headers["checkout-timestamp"] = "2026-11-21T09:13:00.000Z";
    headers["cof-plugin-version"] = "not signed";
    headers.signature = sign(account, headers, body);
  }
  if (plan?.do === "unsigned") delete headers.signature;
  if (plan?.do === "forged") headers.signature = headers.signature.replace(/./g, "0");
  if (plan?.do === "half") {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 2));
    return setTimeout(() => response.socket.destroy(), 20);
  }
  const late = plan?.do === "delay" ? (plan.ms ?? 3000) : 0;
  setTimeout(() => response.writeHead(status, headers).end(text), late);
}

// The query of a callback, as Paytrail signs it.
function query(account, pairs) {
  const all = { "checkout-account": account, "checkout-algorithm": algorithm, ...pairs };
  return new URLSearchParams({ ...all, signature: sign(account, all) }).toString();
}

function told(payment, status, amount) {
  return query(payment.account, {
    "checkout-amount": String(amount ?? payment.body.amount),
    "checkout-stamp": payment.body.stamp,
    "checkout-reference": payment.body.reference,
    "checkout-transaction-id": payment.id,
    "checkout-status": status,
    "checkout-provider": "nordea",
  });
}

function addressed(urls, status, query) {
  const url = urls[status === "fail" ? "cancel" : "success"];
  return url + (url.includes("?") ? "&" : "?") + query;
}

const commands = {
  // The buyer is done at the page: {stamp | id, status, amount?}. Gives the callback and the way back, which say the same.
  pay({ stamp, id, status, amount }) {
    const found = id ? payments.get(id) : [...payments.values()].filter((one) => one.body.stamp === stamp).at(-1);
    if (!found) return { error: "no such payment" };
    Object.assign(found, { status, paid: amount });
    const signed = told(found, status, amount);
    const { callbackUrls, redirectUrls } = found.body;
    return { callback: addressed(callbackUrls, status, signed), back: addressed(redirectUrls, status, signed) };
  },
  // A refund is decided: {stamp, status, transaction?: false}.
  refunded({ stamp, status, transaction }) {
    for (const payment of payments.values()) {
      const found = payment.refunds.find((one) => one.body.refundStamp === stamp);
      if (!found) continue;
      found.status = status;
      const pairs = {
        "checkout-amount": String(found.body.amount),
        "checkout-stamp": stamp,
        // What it is called there is not documented: ours once it has a transaction, the payment's before.
        "checkout-reference": transaction === false ? payment.body.reference : found.body.refundReference,
        "checkout-status": status,
        "checkout-provider": "nordea",
      };
      if (transaction !== false) pairs["checkout-transaction-id"] = found.id;
      return { callback: addressed(found.body.callbackUrls, status, query(payment.account, pairs)) };
    }
    return { error: "no such refund" };
  },
  // Any pairs, signed for an account: {account, pairs}.
  sign: ({ account, pairs }) => ({ query: query(account, pairs) }),
  // What the next requests meet: {plans: [...]}.
  plan(command) {
    plans = command.plans;
    return {};
  },
  use(command) {
    algorithm = command.algorithm;
    return {};
  },
  state: () => ({ payments: [...payments.values()], requests, planned: plans.length }),
};

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const text = Buffer.concat(parts).toString("utf8");
    requests.push({ method: request.method, path: request.url, headers: request.headers, body: text });
    let made;
    try {
      made = answer(request, request.headers, text);
    } catch (error) {
      made = { status: 500, body: { status: "error", message: String(error) } };
    }
    send(response, made);
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(server.address().port + "\n"));
require("node:readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line);
    process.stdout.write(JSON.stringify(commands[command.do](command)) + "\n");
  })
  .on("close", () => process.exit(0));
