"""Stripe as localstripe plays it, on a loopback port of its own and without a trace on disk. Prints its port, then a line for each
request: {"method", "path", "key"}, the last being the Idempotency-Key. Ends with its input."""

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


async def main():
    resources.Store.dump_to_disk = lambda self: None
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
