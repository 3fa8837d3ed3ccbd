"""Receives Kassa's webhooks: verifies, deduplicates, and catches up from the feed after it was away.

    pip install standardwebhooks==1.1.0
    python3 receiver.py --secret whsec_… --state seen.json [--port 4000]
    python3 receiver.py --catch-up URL CHECKOUT_ID --key kassa_sk_… --state seen.json [--test-mode]

Deliveries come at least once and in order per object. Each event has an id (`evt_…`, also the header `webhook-id`) and a sequence number
without gaps within the checkout. So: verify the signature over the raw body, remember ids, answer 2xx quickly, and after being away
read `GET /v1/checkouts/{id}/events?after=` from the last sequence that was handled. What comes twice is handled once, whichever way it comes.
"""

import argparse
import json
import os
import sys
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class Inbox:
    """What was handled, on disk. A real system keeps it in the database, in the transaction that handles the event."""

    def __init__(self, path):
        self.path = path
        self.seen, self.after = set(), 0
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                kept = json.load(file)
            self.seen, self.after = set(kept["seen"]), kept["after"]

    def take(self, event, way):
        """Handles an event once. True if it was new."""
        if event["id"] in self.seen:
            print(f"again    {event['sequence']:>5} {event['type']} ({way})", flush=True)
            return False
        # Unknown types are not an error: later versions add some.
        print(f"handled  {event['sequence']:>5} {event['type']} {event['object']['id']} ({way})", flush=True)
        self.seen.add(event["id"])
        self.save()
        return True

    def save(self):
        aside = f"{self.path}.new"
        with open(aside, "w", encoding="utf-8") as file:
            json.dump({"seen": sorted(self.seen), "after": self.after}, file)
        os.replace(aside, self.path)


def receive(inbox, secret, port):
    webhook = Webhook(secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                # Over the raw bytes: a body that was parsed and written again has another signature.
                webhook.verify(body, dict(self.headers))
            except WebhookVerificationError as error:
                print(f"refused  {error}", flush=True)
                self.answer(401)
                return
            inbox.take(json.loads(body), "pushed")
            self.answer(204)

        def answer(self, status):
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", port), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


def catch_up(inbox, url, checkout, key, test_mode):
    while True:
        query = urllib.parse.urlencode({"after": inbox.after, "limit": 100, "test_mode": str(test_mode).lower()})
        request = urllib.request.Request(
            f"{url}/v1/checkouts/{checkout}/events?{query}", headers={"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request) as answer:
            page = json.load(answer)
        for event in page["data"]:
            inbox.take(event, "pulled")
            # Only the feed moves this on: it is without gaps, deliveries may come before earlier ones.
            inbox.after = event["sequence"]
            inbox.save()
        if not page["has_more"]:
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", default="seen.json")
    parser.add_argument("--secret", default=os.environ.get("WEBHOOK_SECRET"))
    parser.add_argument("--port", type=int, default=4000)
    parser.add_argument("--catch-up", nargs=2, metavar=("URL", "CHECKOUT_ID"))
    parser.add_argument("--key", default=os.environ.get("KASSA_API_KEY"))
    parser.add_argument("--test-mode", action="store_true")
    arguments = parser.parse_args()
    inbox = Inbox(arguments.state)
    if arguments.catch_up:
        catch_up(inbox, *arguments.catch_up, arguments.key, arguments.test_mode)
    elif arguments.secret:
        receive(inbox, arguments.secret, arguments.port)
    else:
        sys.exit("--secret or --catch-up: see --help")


if __name__ == "__main__":
    main()
