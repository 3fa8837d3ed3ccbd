// Stripe as stripe-stateful-mock plays it: charges and refunds, with idempotency, a minimum, and failures on demand by token.
// Prints its port, then a line for each request: {"method", "path", "key", "status", "replayed"}. Ends with its input.
process.env.LOG_LEVEL = "silent";
const { createExpressApp } = require("stripe-stateful-mock");
const http = require("node:http");

const app = createExpressApp();
const server = http.createServer((request, response) => {
  response.on("finish", () => {
    const line = {
      method: request.method,
      path: request.url,
      key: request.headers["idempotency-key"] ?? null,
      status: response.statusCode,
      replayed: response.getHeader("idempotent-replayed") === "true",
    };
    process.stdout.write(JSON.stringify(line) + "\n");
  });
  app(request, response);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(server.address().port + "\n"));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
