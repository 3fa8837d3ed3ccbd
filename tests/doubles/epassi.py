"""A double of Epassi's page, after what public integrations agree on: checks the MAC of the form that a browser posts, and makes the
confirmation. Argument: the MAC key. Prints its port. Then each line of input is {"stamp", "paid"?}, and gets the body that Epassi
posts to RETURN and NOTIFY_URL. Ends with its input."""

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode

KEY = sys.argv[1]
forms = {}


def mac(*parts):
    return hashlib.sha512("&".join([*parts, KEY]).encode()).hexdigest()


class Page(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = dict(parse_qsl(body, strict_parsing=True))
        signed = [form[name] for name in ("STAMP", "SITE", "AMOUNT", "FEE", "VAT_VALUE") if name in form]
        missing = {"STAMP", "SITE", "AMOUNT", "RETURN", "CANCEL", "REJECT", "MAC"} - form.keys()
        error = None
        if self.path != "/e_payments/v2" or missing:
            error = "INVALID_REQUEST"
        elif form["SITE"] != "151082":
            error = "SITE_DOES_NOT_EXIST"
        elif form["MAC"] != mac(*signed):
            error = "INVALID_REQUEST_SIGNATURE"
        else:
            forms[form["STAMP"]] = form
        if error and "REJECT" in form:
            self.send_response(302)
            stamp = urlencode({"stamp": form.get("STAMP", ""), "error": error})
            self.send_header("location", form["REJECT"] + ("&" if "?" in form["REJECT"] else "?") + stamp)
        else:
            self.send_response(400 if error else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
for line in sys.stdin:
    command = json.loads(line)
    form = forms.get(command["stamp"])
    answer = {"error": "no such form"}
    if form:
        paid = command.get("paid", form["AMOUNT"])
        body = urlencode({"STAMP": form["STAMP"], "PAID": paid, "MAC": mac(form["STAMP"], paid)})
        answer = {"body": body, "return": form["RETURN"], "notify": form.get("NOTIFY_URL"), "cancel": form["CANCEL"]}
    print(json.dumps(answer), flush=True)
