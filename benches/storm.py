"""Ten thousand orders while the worker and the database are killed again and again, with three receivers of webhooks.

One receiver is healthy, one answers 500 to a quarter of what comes, one hangs until the storm is over. The sellers and the API keep going and
ask again; the worker and the PostgreSQL server are killed with SIGKILL and started again. At the end everything is compared with the log.
"""

import asyncio
import collections
import datetime
import http.client
import json
import multiprocessing
import os
import pwd
import random
import re
import signal
import subprocess
import threading
import time

SELLERS = 4
# created, payment.succeeded, product.delivered, completed: at least these.
EVENTS = 4


class Postgres:
    """A server of our own: it must be killed, and come back on the port where it was."""

    def __init__(self, place, program, port):
        self.place, self.program, self.port = place, program, port
        # As root, as another user: PostgreSQL insists.
        self.who = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self.who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        place.mkdir()
        if self.who:
            os.chown(place, self.who["user"], self.who["group"])
        self.log = open(place.parent / "postgres.log", "a")
        self.run("initdb", "-D", place / "data", "-U", "admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.process = None
        self.start()

    def run(self, name, *arguments):
        subprocess.run([self.program(name), *map(str, arguments)], check=True, stdout=self.log, stderr=self.log, cwd="/", **self.who)

    def start(self):
        begun = time.monotonic()
        while time.monotonic() - begun < 60:
            command = [self.program("postgres"), "-D", self.place / "data", "-p", self.port, "-k", self.place, "-c", "listen_addresses=127.0.0.1",
                       "-c", "max_connections=100"]
            self.process = subprocess.Popen(list(map(str, command)), stdout=self.log, stderr=self.log, cwd="/", **self.who)
            while self.process.poll() is None:
                if self.psql("postgres", "SELECT 1", check=False) == "1":
                    return
                time.sleep(0.05)
            # The last one's children have not all gone yet.
            time.sleep(0.05)
        raise SystemExit("PostgreSQL does not come back")

    def psql(self, database, statement, check=True):
        command = [self.program("psql"), "-XAtq", "-h", "127.0.0.1", "-p", str(self.port), "-U", "admin", "-d", database, "-c", statement]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout.strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


class Receiver:
    """What came, when and with which number."""

    def __init__(self, say):
        self.say = say
        self.came = []

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
                event = json.loads(await reader.readexactly(length))
                status = self.say()
                if status is None:
                    await reader.read(1)
                    return
                if status == 204:
                    self.came.append((time.time(), event["id"], event["sequence"], event["object"]["id"], event["occurred_at"]))
                writer.write(f"HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def ids(self):
        return {one[1] for one in list(self.came)}


def open_receivers(receivers):
    """All of them on one loop in a thread; returns their addresses."""
    ports, ready = [], threading.Event()

    async def run():
        for receiver in receivers:
            server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, limit=1 << 20)
            ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait()
    return [f"http://127.0.0.1:{port}/hooks" for port in ports]


class Patient:
    """Asks again until the answer is one of a server that has its database."""

    def __init__(self, port):
        self.port, self.connection, self.again = port, None, 0

    def ask(self, method, path, body=None, token=None):
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        while True:
            try:
                self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = self.connection.getresponse()
                text = answer.read()
                if answer.status < 500:
                    return answer.status, json.loads(text or b"null")
            except (OSError, http.client.HTTPException):
                self.connection = None
            self.again += 1
            time.sleep(0.02)

    def expect(self, status, *request, **more):
        got, body = self.ask(*request, **more)
        if got != status:
            raise SystemExit(f"{request}: {got} {body}")
        return body


def sell(number, port, checkout, link, count, done):
    client = Patient(port)
    for sale in range(count):
        customer = {"email": f"b{number}.{sale}@example.com", "country": "FI", "first_name": "Aino"}
        opened = client.expect(201, "POST", "/v1/storefront/sessions", {"checkout": checkout, "link": link, "customer": customer})
        path, secret = f"/v1/storefront/sessions/{opened['session']['id']}", opened["client_secret"]
        confirmation = {"expected_total": opened["session"]["totals"]["total"], "provider": "test",
                        "consents": {"terms": True, "privacy": True, "immediate_delivery": True}}
        client.expect(200, "POST", path + "/confirm", confirmation, token=secret)
        # An answer that was lost may have been a good one: then there is no payment to end any more.
        status, body = client.ask("POST", path + "/test-payment", {"outcome": "succeeded"}, token=secret)
        if status not in (200, 409):
            raise SystemExit(f"test-payment: {status} {body}")
        with done.get_lock():
            done.value += 1


class Storm:
    def __init__(self, bench, place, program, port, Server):
        self.bench, self.Server, self.random = bench, Server, random.Random(bench.asked.seed)
        self.postgres = Postgres(place / "storm", program, port)
        for statement in ("CREATE ROLE kassa_owner LOGIN", "CREATE ROLE kassa_app LOGIN", "CREATE DATABASE kassa OWNER kassa_owner"):
            self.postgres.psql("postgres", statement)
        defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE kassa_owner IN SCHEMA public GRANT"
        self.postgres.psql("kassa", f"ALTER SCHEMA public OWNER TO kassa_owner; GRANT USAGE ON SCHEMA public TO kassa_app; "
                           f"{defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO kassa_app; {defaults} USAGE, SELECT ON SEQUENCES TO kassa_app; "
                           f"{defaults} EXECUTE ON FUNCTIONS TO kassa_app")
        address = f"127.0.0.1:{port}/kassa"
        data = place / "storm-data"
        data.mkdir()
        self.environment = {"DATABASE_URL": f"postgres://kassa_app:x@{address}", "KASSA_MIGRATE_DATABASE_URL": f"postgres://kassa_owner:x@{address}",
                            "KASSA_ENV": "development", "KASSA_DATA_DIR": str(data), "RUST_LOG": "error"}
        self.api = Server(bench, "--role", "api", **self.environment)
        self.demo = json.loads((data / "demo.json").read_text())
        self.worker, self.strikes = None, collections.Counter()
        self.start_worker(0)

    def start_worker(self, offset):
        environment = self.environment | {"KASSA_CLOCK_OFFSET": str(offset)}
        self.worker = self.Server(self.bench, "--role", "worker", announced=False, **environment)

    def kill_worker(self):
        self.worker.process.kill()
        self.worker.process.wait()
        self.worker.log.close()
        self.bench.servers.remove(self.worker)

    def strike(self):
        kind = self.random.choice(["worker", "database", "both"])
        self.strikes[kind] += 1
        if kind != "database":
            self.kill_worker()
        if kind != "worker":
            self.postgres.kill()
            self.postgres.start()
        if kind == "database" and self.worker.process.poll() is not None:
            self.kill_worker()
            kind = "both"
        if kind != "database":
            self.start_worker(0)

    def stop(self):
        if self.worker:
            self.kill_worker()
        self.api.stop()
        self.postgres.stop()


def log_of(client, path, key, after):
    """The whole log after a number: no gap, no duplicate."""
    events, ids = [], set()
    while True:
        page = client.expect(200, "GET", f"{path}/events?test_mode=true&limit=100&after={after}", token=key)["data"]
        for event in page:
            if event["sequence"] != after + 1 or event["id"] in ids:
                raise SystemExit(f"the log has {event['sequence']} after {after}")
            after = event["sequence"]
            ids.add(event["id"])
            events.append(event)
        if not page:
            return events


def in_order(receiver, overtaken):
    """Per object, nothing came for the first time before an earlier event that nobody might overtake."""
    first = collections.defaultdict(list)
    for _, _, sequence, obj, _ in receiver.came:
        if sequence not in first[obj]:
            first[obj].append(sequence)
    for obj, sequences in first.items():
        kept = [sequence for sequence in sequences if sequence not in overtaken]
        if kept != sorted(kept):
            raise SystemExit(f"{obj} came as {sequences}")


def measure(bench, place, program, free_port, Server, say):
    orders, seed = bench.asked.storm, bench.asked.seed
    say(f"storm: {orders:,} orders, seed {seed} …")
    storm = Storm(bench, place, program, free_port(), Server)
    try:
        return weather(storm, orders, seed, say)
    finally:
        storm.stop()


def weather(storm, orders, seed, say):
    demo, client = storm.demo, Patient(storm.api.port)
    path, key = f"/v1/checkouts/{demo['checkout_id']}", demo["api_key"]
    luck, awake = random.Random(seed + 1), threading.Event()
    healthy = Receiver(lambda: 204)
    flaky = Receiver(lambda: 500 if luck.random() < 0.25 else 204)
    hanging = Receiver(lambda: 204 if awake.is_set() else None)
    receivers = {"healthy": healthy, "flaky": flaky, "hanging": hanging}
    endpoints = {}
    for name, url in zip(receivers, open_receivers(receivers.values())):
        body = {"url": url, "description": name, "events": ["*"], "test_mode": True}
        endpoints[name] = client.expect(201, "POST", path + "/webhook-endpoints", body, token=key)["id"]
    before = log_of(client, path, key, 0)
    first = before[-1]["sequence"] if before else 0

    done = multiprocessing.Value("i", 0)
    share = [orders // SELLERS + (number < orders % SELLERS) for number in range(SELLERS)]
    fork = multiprocessing.get_context("fork")
    sellers = [fork.Process(target=sell, args=(number, storm.api.port, demo["checkout"], demo["link"], count, done), daemon=True)
               for number, count in enumerate(share)]
    begun = time.monotonic()
    for seller in sellers:
        seller.start()
    strike_at = sorted(storm.random.sample(range(orders // 50, orders - orders // 50), storm.bench.asked.strikes))
    while any(seller.is_alive() for seller in sellers):
        if strike_at and done.value >= strike_at[0]:
            strike_at.pop(0)
            storm.strike()
        time.sleep(0.05)
    if any(seller.exitcode for seller in sellers):
        raise SystemExit("a seller gave up")
    sold = time.monotonic() - begun
    say(f"… sold in {sold:.0f} s, {dict(storm.strikes)} killed; {len(healthy.ids()):,} of {orders * EVENTS:,} received")

    # The healthy one gets all of it at its own speed: what a dead worker had claimed waits for its lease, a minute at the most.
    while len(healthy.ids()) < orders * EVENTS:
        if time.monotonic() - begun > sold + 300:
            raise SystemExit(f"after five more minutes the healthy one has {len(healthy.ids())}")
        time.sleep(0.2)
    caught = time.monotonic() - begun - sold
    left = len(hanging.ids())
    say(f"… the healthy one has all {caught:.0f} s later; the hanging one {left}")

    # The others catch up: the worker's clock is moved, so that nobody waits for days.
    awake.set()
    for hours in (1, 2, 4, 8, 16, 28, 40, 52, 64, 76, 88, 100, 112):
        storm.kill_worker()
        storm.start_worker(hours * 3600)
        # Until nothing has come for a while: what failed by chance waits for its next pause.
        came, since = 0, time.monotonic()
        while time.monotonic() - since < 4:
            now = len(flaky.came) + len(hanging.came)
            if now != came:
                came, since = now, time.monotonic()
            time.sleep(0.2)
        if min(len(flaky.ids()), len(hanging.ids())) >= orders * EVENTS:
            break
    log = log_of(client, path, key, first)
    told = {event["id"] for event in log}
    # Ten times 500 in a row is one in a million, and then it is given up: that is no loss.
    given_up = storm.postgres.psql("kassa", "SELECT count(*) FROM deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id "
                                   "WHERE w.description = 'flaky' AND d.status = 'failed' AND d.step = 10")
    for name, receiver in receivers.items():
        missing = len(told - receiver.ids())
        if receiver.ids() - told or missing != (int(given_up) if name == "flaky" else 0):
            states = storm.postgres.psql("kassa", f"SELECT d.status, d.step, count(*) FROM deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id "
                                         f"WHERE w.description = '{name}' GROUP BY 1, 2")
            raise SystemExit(f"{name}: {missing} missing, {len(receiver.ids() - told)} too many; {states}")
    for name in ("healthy",):
        overtaken = storm.postgres.psql("kassa", f"SELECT d.sequence FROM deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id "
                                        f"WHERE w.description = '{name}' AND d.overtaken")
        in_order(receivers[name], {int(sequence) for sequence in overtaken.split()})
    moment = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    seen, lags = set(), []
    for at, event, _, _, occurred in healthy.came:
        if event not in seen:
            seen.add(event)
            lags.append(at - moment(occurred))
    lags.sort()
    return {"orders": orders, "seed": seed, "strikes": dict(storm.strikes), "events": len(log), "sold_s": sold, "caught_up_s": caught,
            "hanging_before": left, "given_up": int(given_up), "duplicates": {name: len(receiver.came) - len(told) for name, receiver in receivers.items()},
            "healthy_p50_ms": lags[len(lags) // 2] * 1000, "healthy_p99_ms": lags[len(lags) * 99 // 100] * 1000, "healthy_worst_s": lags[-1]}


def table(one):
    killed = ", ".join(f"{count} × {kind}" for kind, count in sorted(one["strikes"].items()))
    twice = ", ".join(f"{name} {count:,}" for name, count in one["duplicates"].items())
    return [f"| storm, {one['orders']:,} orders, seed {one['seed']} | |", "|---|---|",
            f"| killed with SIGKILL | {killed} |",
            f"| sold | in {one['sold_s']:.0f} s, {one['orders'] / one['sold_s']:,.0f}/s |",
            f"| events in the log, without a gap or a duplicate | {one['events']:,} |",
            f"| the healthy receiver had every one, in order per object | {one['caught_up_s']:.1f} s after the last sale |",
            f"| event to receipt there | p50 {one['healthy_p50_ms']:,.0f} ms, p99 {one['healthy_p99_ms']:,.0f} ms, worst {one['healthy_worst_s']:.0f} s |",
            f"| the hanging one had by then | {one['hanging_before']:,} |",
            "| the two others had every one | after the worker's clock was moved past their pauses |",
            f"| given up after ten times 500 | {one['given_up']} |",
            f"| received more than once | {twice} |"]
