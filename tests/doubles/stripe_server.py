"""Stripe as localstripe plays it, on a loopback port of its own and without a trace on disk. Prints its port. Ends with its
input."""

import asyncio
import sys
import threading

from aiohttp import web
from localstripe import resources, server


async def main():
    resources.Store.dump_to_disk = lambda self: None
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
