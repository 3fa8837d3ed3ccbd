"""A merchant's receiver: verifies with the standardwebhooks package. Prints its port, reads the secret from its input, then
prints one JSON line per delivery: the event, or why it was refused. Ends with its input."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

secret = None
first = set()
writing = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = Webhook(secret).verify(body, dict(self.headers))
            line = {"id": self.headers["webhook-id"], "event": event}
        except Exception as error:
            line = {"error": repr(error)}
        # With `--gone` the receiver wants nothing any more.
        # With `--fail-first` every event is refused once, to see it come again.
        fail = "--fail-first" in sys.argv and line.get("id") not in first
        first.add(line.get("id"))
        line["answered"] = 410 if "--gone" in sys.argv else 503 if fail else 204
        # Deliveries come in several threads: one write per line, or lines would mix.
        with writing:
            print(json.dumps(line), flush=True)
        self.send_response(line["answered"])
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
secret = sys.stdin.readline().strip()
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
