// Reads [{secret, headers, body}, …] and says for each whether the standardwebhooks package accepts it: {event} or {error}.
const { Webhook } = require("standardwebhooks");
const { readFileSync } = require("node:fs");

const verdicts = JSON.parse(readFileSync(0, "utf8")).map(({ secret, headers, body }) => {
  try {
    return { event: new Webhook(secret).verify(body, headers) };
  } catch (error) {
    return { error: error.message };
  }
});
process.stdout.write(JSON.stringify(verdicts));
