# The container image. No engine was at hand where it was written: tests/test_repository.py checks it statically.

FROM node:22-bookworm-slim AS assets
WORKDIR /src
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tools/build_assets.py tools/
COPY static static
RUN python3 tools/build_assets.py

FROM python:3.12-slim-bookworm AS packages
COPY requirements/core.txt /tmp/core.txt
RUN python -m venv /opt/northstar \
    && /opt/northstar/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/core.txt

FROM python:3.12-slim-bookworm
ENV PATH=/opt/northstar/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WEB_BIND=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data
RUN groupadd --gid 10001 northstar \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin northstar \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=packages /opt/northstar /opt/northstar
WORKDIR /srv/northstar
COPY manage.py ./
COPY northstar northstar
COPY metrics metrics
COPY teams teams
COPY templates templates
COPY docs docs
COPY --from=assets /src/static/vendor static/vendor
# Keys for this one command only: nothing of them stays in the image.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    DATA_KEYS="$(python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')" \
    DATA_DIR=/tmp/building \
    DJANGO_SETTINGS_MODULE=northstar.settings \
    python -c "import django; django.setup(); from northstar import starting; starting.collect_static()" \
    && rm -rf /tmp/building
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import os,urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:'+os.environ['PORT']+'/healthz', headers={'Host': os.environ.get('ALLOWED_HOSTS', '127.0.0.1').split(',')[0]}), timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["gunicorn", "--config", "python:northstar.serving", "--worker-tmp-dir", "/dev/shm"]
