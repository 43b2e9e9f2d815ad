"""Runs localstripe on 127.0.0.1 (by itself it listens everywhere), in memory: stripe_server.py PORT.

It does not know the filter `created` of most lists, so that one is taken out of the address here: it then
answers with everything, whenever it was made, and whoever asked has to sort that out.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

from aiohttp import web
from localstripe import server
from localstripe.resources import Store


@web.middleware
async def without_created(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The request without its filters by time of creation."""
    if request.method != "GET":
        return await handler(request)
    kept = {name: value for name, value in request.query.items() if not name.startswith("created[")}
    return await handler(request.clone(rel_url=request.rel_url.with_query(kept)))


if __name__ == "__main__":
    # It would keep its data in a file of a fixed name that all processes of this machine share.
    Store.dump_to_disk = lambda self: None
    server.app.middlewares.append(without_created)
    web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
