// Signatures by Stripe's own library. Reads {"sign": [{payload, secret, timestamp}, …], "verify": [{payload, header, secret, now}, …]}
// and prints {"headers": […], "verdicts": [true or why not, …]}.
const Stripe = require("stripe");
const { readFileSync } = require("node:fs");

const { webhooks } = new Stripe("sk_test_nobody");
const asked = JSON.parse(readFileSync(0, "utf8"));
const headers = asked.sign.map((question) => webhooks.generateTestHeaderString(question));
const verdicts = asked.verify.map(({ payload, header, secret, now }) => {
  try {
    webhooks.constructEvent(payload, header, secret, 300, undefined, now * 1000);
    return true;
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify({ headers, verdicts }));
