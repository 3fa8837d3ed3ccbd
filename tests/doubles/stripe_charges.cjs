// Stripe as stripe-stateful-mock plays it: charges and refunds, with idempotency, a minimum, and failures on demand by token.
//
// It knows no payment intents. A POST of one is played as a charge of a source, which a line {"source": token} of the input says;
// the answer gets a client secret. Prints its port, then a line for each request: {"method", "path", "key", "status", "replayed"}, and
// an empty object for each line of the input. Ends with its input.
// Refusals are logged as errors.
console.error = () => {};
const { createExpressApp } = require("stripe-stateful-mock");
const http = require("node:http");
const readline = require("node:readline");

let source = "tok_visa";
const print = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const inner = http.createServer(createExpressApp());

const outer = http.createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  let body = Buffer.concat(parts).toString();
  const intent = request.method === "POST" && request.url === "/v1/payment_intents";
  if (intent) body += `&source=${encodeURIComponent(source)}`;
  const headers = { ...request.headers, "content-length": Buffer.byteLength(body) };
  const path = intent ? "/v1/charges" : request.url;
  const asked = { host: "127.0.0.1", port: inner.address().port, method: request.method, path, headers, agent: false };
  const there = http.request(asked, async (answer) => {
    const parts = [];
    for await (const part of answer) parts.push(part);
    let said = Buffer.concat(parts);
    if (intent && answer.statusCode === 200) {
      const charge = JSON.parse(said);
      said = Buffer.from(JSON.stringify({ ...charge, client_secret: `${charge.id}_secret` }));
    }
    const replayed = answer.headers["idempotent-replayed"] === "true";
    const key = request.headers["idempotency-key"] ?? null;
    print({ method: request.method, path: request.url, key, status: answer.statusCode, replayed });
    response.writeHead(answer.statusCode, { ...answer.headers, "content-length": said.length });
    response.end(said);
  });
  there.end(body);
});

inner.listen(0, "127.0.0.1", () => {
  outer.listen(0, "127.0.0.1", () => process.stdout.write(outer.address().port + "\n"));
});
const input = readline.createInterface({ input: process.stdin });
input.on("line", (line) => {
  source = JSON.parse(line).source;
  print({});
});
input.on("close", () => process.exit(0));
