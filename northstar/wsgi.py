"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "northstar.settings")
application = get_wsgi_application()

from metrics.connectors import registry  # noqa: E402

# Before gunicorn forks, once for all workers: the first page of sources would else wait for it in each.
for kind in registry.own_kinds():
    registry.connector_class(kind)
