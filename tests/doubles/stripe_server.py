"""Stripe as localstripe plays it, on a loopback port of its own and without a trace on disk. Prints its port, then a line for each
request: {"method", "path", "key"}, the last being the Idempotency-Key. Ends with its input.

localstripe knows no idempotency; with `--idempotent` it has Stripe's: the first answer under a key is the answer to every repeat."""

import asyncio
import json
import sys
import threading

from aiohttp import web
from localstripe import resources, server


@web.middleware
async def tell(request, handler):
    key = request.headers.get("idempotency-key")
    print(json.dumps({"method": request.method, "path": request.path, "key": key}), flush=True)
    return await handler(request)


kept = {}


def refusal(status, error):
    return web.json_response({"error": error}, status=status)


@web.middleware
async def once(request, handler):
    key = request.headers.get("idempotency-key")
    if request.method != "POST" or key is None:
        return await handler(request)
    asked = (request.path, await request.read())
    if key in kept:
        before, answer = kept[key]
        if before != asked:
            return refusal(400, {"type": "idempotency_error"})
        if answer is None:
            return refusal(409, {"type": "invalid_request_error", "code": "idempotency_key_in_use"})
        headers = {"idempotent-replayed": "true"}
        return web.Response(status=answer.status, body=answer.body, content_type="application/json", headers=headers)
    kept[key] = (asked, None)
    try:
        answer = await handler(request)
    except BaseException:
        del kept[key]
        raise
    kept[key] = (asked, answer)
    return answer


async def main():
    resources.Store.dump_to_disk = lambda self: None
    if "--idempotent" in sys.argv:
        server.app.middlewares.insert(0, once)
    server.app.middlewares.insert(0, tell)
    runner = web.AppRunner(server.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait():
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()
    await ended.wait()
    await runner.cleanup()


asyncio.run(main())
