// Receives Kassa's webhooks: verifies, deduplicates, and catches up from the feed after it was away.
//
//   npm ci
//   node receiver.mjs --secret whsec_… --state seen.json [--port 4000]
//   node receiver.mjs --catch-up URL --checkout chk_… --key kassa_sk_… --state seen.json [--test-mode]
//
// Deliveries come at least once and in order per object. What comes twice, pushed or pulled, is handled once.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { Webhook } from "standardwebhooks";

const { values: settings } = parseArgs({
  options: {
    secret: { type: "string" }, state: { type: "string", default: "seen.json" }, port: { type: "string", default: "4000" },
    "catch-up": { type: "string" }, checkout: { type: "string" }, key: { type: "string" }, "test-mode": { type: "boolean", default: false },
  },
});

// What was handled, on disk. A real system keeps it in the database, in the transaction that handles the event.
const kept = existsSync(settings.state) ? JSON.parse(readFileSync(settings.state, "utf8")) : { seen: [], after: 0 };
const seen = new Set(kept.seen);
let after = kept.after;
const save = () => {
  writeFileSync(`${settings.state}.new`, JSON.stringify({ seen: [...seen], after }));
  renameSync(`${settings.state}.new`, settings.state);
};

function take(event, way) {
  if (seen.has(event.id)) return console.log(`again    ${event.sequence} ${event.type} (${way})`);
  // Unknown types are not an error: later versions add some.
  console.log(`handled  ${event.sequence} ${event.type} ${event.object.id} (${way})`);
  seen.add(event.id);
  save();
}

async function catchUp() {
  for (let more = true; more; ) {
    const query = new URLSearchParams({ after: String(after), limit: "100", test_mode: String(settings["test-mode"]) });
    const answer = await fetch(`${settings["catch-up"]}/v1/checkouts/${settings.checkout}/events?${query}`, {
      headers: { authorization: `Bearer ${settings.key}` },
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    const page = await answer.json();
    for (const event of page.data) {
      take(event, "pulled");
      // Only the feed moves this on: it is without gaps, deliveries may come before earlier ones.
      after = event.sequence;
      save();
    }
    more = page.has_more;
  }
}

function receive() {
  const webhook = new Webhook(settings.secret);
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    // Over the raw text: a body that was parsed and written again has another signature.
    const body = Buffer.concat(chunks).toString("utf8");
    try {
      webhook.verify(body, request.headers);
    } catch (error) {
      console.log(`refused  ${error.message}`);
      return response.writeHead(401).end();
    }
    take(JSON.parse(body), "pushed");
    response.writeHead(204).end();
  });
  server.listen(Number(settings.port), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
}

if (settings["catch-up"]) await catchUp();
else receive();
