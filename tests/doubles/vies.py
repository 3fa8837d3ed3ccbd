"""A double of VIES' REST service. Prints its port, then each question it was asked, one JSON line each. What it answers is in the
number, so that one server serves every case. Ends with its input."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ERRORS = {
    "00000001": "MS_UNAVAILABLE",
    "00000002": "SERVICE_UNAVAILABLE",
    "00000003": "MS_MAX_CONCURRENT_REQ",
    "00000004": "GLOBAL_MAX_CONCURRENT_REQ",
    "00000005": "TIMEOUT",
    "00000006": "INVALID_INPUT",
    "00000007": "INVALID_REQUESTER_INFO",
    "00000008": "IP_BLOCKED",
    "00000009": "VAT_BLOCKED",
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = {"path": self.path, "type": self.headers["content-type"], "question": question}
        # One write: another thread's line must not come between a line and its end.
        sys.stdout.write(json.dumps(asked) + "\n")
        sys.stdout.flush()
        number = question["vatNumber"]
        told = {
            "countryCode": question["countryCode"],
            "vatNumber": number,
            "requestDate": "2026-11-20T12:25:12.544Z",
            "valid": True,
            "requestIdentifier": "WAPIAAAAY1bGq2Xd" if "requesterNumber" in question else "",
            "name": "OY ESIMERKKI AB",
            "address": "KATU 1\n00100 HELSINKI",
            "traderName": "---",
        }
        status = 200
        if question.get("requesterNumber") == "10000004":
            told = {"actionSucceed": False, "errorWrappers": [{"error": "INVALID_REQUESTER_INFO"}]}
        elif number in ERRORS:
            told = {"actionSucceed": False, "errorWrappers": [{"error": ERRORS[number]}]}
        elif number == "10000001":
            told["valid"] = False
        elif number == "10000002":
            # As the older route of the service answers.
            told = {"isValid": False, "valid": False, "userError": "MS_UNAVAILABLE", "vatNumber": number}
        elif number == "10000003":
            told["userError"] = "VALID"
            told["requestDate"] = "20.11.2026"
        elif number == "10000004":
            status, told = 400, {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE", "message": "down"}]}
        elif number == "10000005":
            told["vatNumber"] = "20774740"
        elif number == "10000006":
            told["requestIdentifier"] = "x" * 1000
        elif number == "10000007":
            del told["valid"]
        elif number == "10000009":
            told |= {"name": "---", "address": "KATU\u0000 1", "requestIdentifier": "WAPI\u0000"}
        elif number == "10000008":
            told = {"errorWrappers": [{"error": "<script>alert(1)</script>"}]}
        body = json.dumps(told).encode()
        if number == "20000001":
            status, body = 500, b"Internal Server Error"
        elif number == "20000002":
            body = b"<html>maintenance</html>"
        elif number == "20000003":
            body = json.dumps(told | {"address": "x" * 100_000}).encode()
        elif number == "20000004":
            time.sleep(5)
        elif number == "20000005":
            status = 302
        elif number == "20000006":
            body = b"[true]"
        elif number == "20000007":
            body = b""
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if number == "20000008":
            # Half a body, and then nothing.
            self.wfile.write(body[: len(body) // 2])
            self.connection.close()
            return
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
