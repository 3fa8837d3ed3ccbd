"""A million orders: what each filter of their list costs beside an empty table, and whether an export keeps its memory."""

import http.client
import json
import pathlib
import re
import statistics
import threading
import time

# Copies of one real order, with its line, payment and tags: ids begin with the moment of the order, as real ones do.
FILL = """
    SET session_replication_role = replica;
    CREATE TABLE bench_orders AS
        SELECT n, at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5('o' || n), 1, 3) || '8'
                       || substr(md5('o' || n), 4, 15))::uuid AS id
        FROM (SELECT n, now() - n * interval '40 seconds' AS at FROM generate_series(1, {count}) n) x;
    INSERT INTO orders SELECT copy.*
        FROM (SELECT to_jsonb(o) AS row FROM orders o WHERE number = {number}) one, bench_orders b,
            jsonb_populate_record(NULL::orders, one.row || jsonb_build_object(
                'id', b.id, 'session_id', md5('s' || n), 'number', 10000 + n, 'receipt_number', 10000 + n, 'created_at', b.at,
                'updated_at', b.at, 'paid_at', b.at + interval '1 minute', 'completed_at', b.at + interval '1 minute',
                'email', 'buyer' || n % 200000 || '@example.com', 'first_name', 'First' || n % 500, 'last_name', 'Last' || n % 5000,
                'source', 'source-' || n % 50, 'link_id', CASE WHEN n % 50 = 0 THEN md5('link') ELSE one.row ->> 'link_id' END,
                'country', (ARRAY['FI', 'SE', 'DE', 'EE'])[1 + n % 4],
                'status', CASE WHEN n % 1000 = 0 THEN 'paid' WHEN n % 50 = 0 THEN 'refunded' ELSE 'completed' END,
                'payment_status', CASE WHEN n % 50 = 0 THEN 'refunded' ELSE 'paid' END,
                'fulfillment_status', CASE WHEN n % 1000 = 0 THEN 'partially_delivered' ELSE 'delivered' END,
                'currency', CASE WHEN n % 50 = 0 THEN 'SEK' ELSE 'EUR' END, 'requires_attention', n % 10000 = 0,
                'discount_code', CASE WHEN n % 5 = 0 THEN 'CODE' || n % 1000 END, 'discount_code_id', CASE WHEN n % 5 = 0 THEN md5('code' || n % 1000) END,
                'tags', ARRAY['tag-' || n % 100])) copy;
    INSERT INTO order_lines SELECT copy.*
        FROM (SELECT to_jsonb(l) AS row FROM order_lines l JOIN orders o ON o.checkout_id = l.checkout_id AND o.id = l.order_id
              WHERE o.number = {number} LIMIT 1) one, bench_orders b,
            jsonb_populate_record(NULL::order_lines, one.row || jsonb_build_object('id', md5('l' || n), 'order_id', b.id,
                'product_id', CASE WHEN n % 50 = 0 THEN md5('product') ELSE one.row ->> 'product_id' END)) copy;
    INSERT INTO payments SELECT copy.*
        FROM (SELECT to_jsonb(p) AS row FROM payments p JOIN orders o ON o.checkout_id = p.checkout_id AND o.id = p.order_id
              WHERE o.number = {number} LIMIT 1) one, bench_orders b,
            jsonb_populate_record(NULL::payments, one.row || jsonb_build_object('id', md5('p' || n), 'order_id', b.id,
                'provider_reference', 'bench_' || n, 'provider', CASE WHEN n % 50 = 0 THEN 'stripe' ELSE one.row ->> 'provider' END)) copy;
    INSERT INTO order_tags (checkout_id, test_mode, tag, order_id)
        SELECT o.checkout_id, o.test_mode, unnest(o.tags), o.id FROM orders o JOIN bench_orders b ON b.id = o.id;
    DROP TABLE bench_orders"""

TABLES = "'orders', 'order_lines', 'order_tags', 'payments'"


def typeid(prefix, uuid):
    number, digits = int(uuid.replace("-", ""), 16), "0123456789abcdefghjkmnpqrstvwxyz"
    return prefix + "_" + "".join(digits[number >> shift & 31] for shift in range(125, -1, -5))


def filters(bench, order):
    """Each with a value that very many orders have and, where there can be one, a value that few have."""
    look = lambda text: bench.psql(f"SELECT md5('{text}')::uuid")
    product = bench.psql(f"SELECT product_id FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.number = {order} LIMIT 1")
    link = bench.psql(f"SELECT link_id FROM orders WHERE number = {order}")
    day, month = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86400)) for days in (60, 90))
    return [
        ("no filter", [""]), ("number", ["number=500000"]), ("email", ["email=buyer77@example.com"]),
        ("first_name", ["first_name=first7"]), ("last_name", ["last_name=last7"]), ("q, one name", ["q=last7"]), ("q, both names", ["q=first7%20last7"]),
        ("status", ["status=completed", "status=paid"]), ("payment_status", ["payment_status=paid", "payment_status=refunded"]),
        ("fulfillment_status", ["fulfillment_status=delivered", "fulfillment_status=partially_delivered"]),
        ("requires_attention", ["requires_attention=true", "requires_attention=false"]), ("source", ["source=source-7"]), ("tag", ["tag=tag-7"]),
        ("discount_code", ["discount_code=code5"]), ("product_id", [f"product_id={typeid('prd', product)}", f"product_id={typeid('prd', look('product'))}"]),
        ("link_id", [f"link_id={typeid('lnk', link)}", f"link_id={typeid('lnk', look('link'))}"]), ("country", ["country=SE"]),
        ("provider", ["provider=test", "provider=stripe"]), ("currency", ["currency=EUR", "currency=SEK"]),
        ("created_from, created_to", [f"created_from={month}&created_to={day}"]), ("paid_from, paid_to", [f"paid_from={month}&paid_to={day}"]),
        ("country and status", ["country=SE&status=paid"]), ("nothing found", ["source=nowhere", "email=nobody@example.com"]),
    ]


class Client:
    def __init__(self, bench):
        self.bench = bench
        self.connection = http.client.HTTPConnection("127.0.0.1", bench.server.port, timeout=120)
        self.path = f"/v1/checkouts/{bench.demo['checkout_id']}/orders"
        self.headers = {"authorization": f"Bearer {bench.demo['api_key']}"}

    def get(self, rest):
        self.connection.request("GET", self.path + rest, headers=self.headers)
        answer = self.connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"GET {rest}: {answer.status} {answer.read()[:300]}")
        return answer

    def times(self, query, count):
        """Milliseconds of each of so many equal requests, after some for the caches; and how many orders the page had."""
        taken = []
        for number in range(count + 10):
            begun = time.perf_counter()
            body = self.get(f"?limit=50&test_mode=true&{query}").read()
            if number >= 10:
                taken.append((time.perf_counter() - begun) * 1000)
        return sorted(taken), len(json.loads(body)["data"])

    def export(self, kind):
        """Reads the whole file; the server's memory is looked at meanwhile."""
        status = pathlib.Path(f"/proc/{self.bench.server.process.pid}/status")
        resident = lambda: int(re.search(r"VmRSS:\s+(\d+)", status.read_text()).group(1)) / 1024
        seen, done = [resident()], threading.Event()

        def watch():
            while not done.wait(0.05):
                seen.append(resident())

        watcher = threading.Thread(target=watch)
        watcher.start()
        begun, size, rows = time.monotonic(), 0, 0
        answer = self.get(f"/export?format={kind}&test_mode=true")
        while piece := answer.read(1 << 18):
            size += len(piece)
            rows += piece.count(b"\n")
        took = time.monotonic() - begun
        done.set()
        watcher.join()
        tenth = max(1, len(seen) // 10)
        return {"rows": rows, "mb": size / 1e6, "seconds": took, "before_mb": seen[0], "highest_mb": max(seen),
                "first_tenth_mb": max(seen[:tenth]), "last_tenth_mb": max(seen[-tenth:])}


def measure(bench, count):
    client = Client(bench)
    bench.load("sale", bench.server.url, clients=1, warm=0, seconds=2, count=3)
    order = bench.psql("SELECT max(number) FROM orders")
    asked = filters(bench, order)
    before = {query: client.times(query, 60)[0] for _, queries in asked for query in queries}
    bench.psql(FILL.format(count=count, number=order))
    bench.psql("VACUUM ANALYZE")
    # The server has closed the connection that said nothing for so long.
    client = Client(bench)
    # From now on statements are planned for the tables as they are.
    scans = f"SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_user_tables WHERE relname IN ({TABLES})"
    time.sleep(1)
    begun = int(bench.psql(scans))
    found = []
    for name, queries in asked:
        for query in queries:
            times, rows = client.times(query, 60)
            median = statistics.median
            found.append({"name": name, "query": query, "rows": rows, "empty_ms": median(before[query]), "p50_ms": median(times), "worst_ms": times[-1]})
    time.sleep(1)
    # The worker's own looks at orders go by index as well, so there should be none at all.
    ended = int(bench.psql(scans))
    exports = {kind: client.export(kind) for kind in ("csv", "ndjson")}
    return {"count": count, "filters": found, "seq_scans": ended - begun, "exports": exports}


def table(result):
    lines = [f"| filter, {result['count']:,} orders | rows | empty p50 ms | p50 ms | worst of 60 ms |", "|---|---|---|---|---|"]
    for row in result["filters"]:
        query = re.sub(r"_[0-9a-z]{26}", "_…", row["query"])
        lines.append(f"| {row['name']}: `{query}` | {row['rows']} | {row['empty_ms']:.1f} | {row['p50_ms']:.1f} | {row['worst_ms']:.1f} |")
    lines += ["", "| export | rows | MB | rows/s | resident before | highest | highest in its last tenth |", "|---|---|---|---|---|---|---|"]
    for kind, one in result["exports"].items():
        lines.append(f"| {kind} | {one['rows']:,} | {one['mb']:,.0f} | {one['rows'] / one['seconds']:,.0f} | {one['before_mb']:.0f} MB "
                     f"| {one['highest_mb']:.0f} MB | {one['last_tenth_mb']:.0f} MB |")
    lines += ["", f"Sequential scans of {TABLES.replace(chr(39), '`')} meanwhile: {result['seq_scans']}."]
    return lines
