# The image of web, worker, beat and migrations. Built in three steps; only the last one is shipped.

FROM node:24-slim AS front-end
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY static static
RUN node static/build.mjs

FROM python:3.11-slim AS libraries
COPY requirements/base.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r base.txt

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home governance && install -d -o governance /srv/media
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=governance.settings.production \
    MEDIA_ROOT=/srv/media \
    STATIC_ROOT=/srv/static
WORKDIR /app
COPY --from=libraries /venv /venv
COPY . .
COPY --from=front-end /src/static/dist static/dist
# Collecting static files needs settings that load, not the installation's keys: these last for one command.
RUN DATABASE_URL=postgresql://build@build/build REDIS_URL=redis://build ALLOWED_HOSTS=build \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    FIELD_HASH_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    FIELD_ENCRYPTION_KEYS="$(python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())')" \
    python manage.py collectstatic --noinput
USER governance
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
# WEB_CONCURRENCY sets the number of processes.
CMD ["gunicorn", "governance.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "4", \
     "--timeout", "60", "--no-control-socket", "--max-requests", "5000", "--max-requests-jitter", "500"]
