"""Both webhook receivers against a live server: pushed, verified, caught up from the feed, and nothing handled twice."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

kassa, python = sys.argv[1:3]
demo = json.load(open(os.environ["DEMO"], encoding="utf-8"))
here = pathlib.Path(__file__).resolve().parent.parent / "examples/webhook_receiver"
shop = f"{demo['url']}/v1/checkouts/{demo['checkout_id']}"


def call(method, url, body=None):
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("authorization", f"Bearer {demo['api_key']}")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def sell():
    subprocess.run([kassa, "demo", "--json"], env={**os.environ, "KASSA_DATA_DIR": os.environ["DATA"]}, check=True, stdout=subprocess.DEVNULL)


def handled(text, way):
    return re.findall(rf"^handled +(\d+) (\S+) \S+ \({way}\)$", text, re.M)


for name, command in {"python": [python, "receiver.py"], "node": ["node", "receiver.mjs"]}.items():
    with tempfile.TemporaryDirectory() as folder:
        state, log = f"{folder}/seen.json", f"{folder}/log"
        pull = (["--catch-up", demo["url"], demo["checkout_id"]] if name == "python"
                else ["--catch-up", demo["url"], "--checkout", demo["checkout_id"]])
        pull = [*command, *pull, "--key", demo["api_key"], "--state", state, "--test-mode"]
        # The secret is known when the endpoint exists, which wants an address: any free port.
        port = str(4100 + os.getpid() % 900 + (name == "node"))
        endpoint = call("POST", f"{shop}/webhook-endpoints", {"url": f"http://127.0.0.1:{port}/", "events": ["*"], "test_mode": True})
        with open(log, "w", encoding="utf-8") as out:
            process = subprocess.Popen([*command, "--secret", endpoint["secret"], "--state", state, "--port", port], cwd=here, stdout=out)
            try:
                deadline = time.monotonic() + 30
                while "listening" not in open(log, encoding="utf-8").read():
                    assert time.monotonic() < deadline, f"{name}: does not listen"
                    time.sleep(0.05)
                # Nobody else's word is taken.
                try:
                    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/", data=b"{}", headers={
                        "webhook-id": "evt_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}))
                    raise AssertionError(f"{name}: took a delivery that nobody signed")
                except urllib.error.HTTPError as refused:
                    assert refused.code == 401
                sell()
                while len(handled(open(log, encoding="utf-8").read(), "pushed")) < 4:
                    assert time.monotonic() < deadline, open(log, encoding="utf-8").read()
                    time.sleep(0.05)
            finally:
                process.terminate()
                process.wait()
        text = open(log, encoding="utf-8").read()
        assert [kind for _, kind in handled(text, "pushed")] == [
            "order.created", "payment.succeeded", "product.delivered", "order.completed"], text
        call("DELETE", f"{shop}/webhook-endpoints/{endpoint['id']}")
        # Away while a sale happens; then the feed brings it, and what was pushed before is known already.
        sell()
        first = subprocess.run(pull, cwd=here, check=True, capture_output=True, text=True).stdout
        assert len(handled(first, "pulled")) >= 4 and first.count("again ") == 4, first
        second = subprocess.run(pull, cwd=here, check=True, capture_output=True, text=True).stdout
        assert second == "", second
        print(f"{name} receiver: 4 pushed and verified, {len(handled(first, 'pulled'))} pulled, none twice")
