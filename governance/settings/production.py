"""Production: everything from the environment, nothing guessed, weak set-ups refused."""

import sys

from django.core.exceptions import ImproperlyConfigured

from governance.settings import env, log
from governance.settings.base import *  # noqa: F403
from governance.settings.base import ALLOWED_HOSTS, FIELD_ENCRYPTION_KEYS, FIELD_HASH_KEY, SECRET_KEY, STORAGES
from governance.settings.keys import weakness, weakness_of_encryption_key

# Commands an operator may run as the owner of the tables. Web, workers and beat never see the owner's URL.
OWNER_COMMANDS = {"migrate", "showmigrations", "sqlmigrate", "bootstrap_db", "check"}

DEBUG = False
DEMO = env.flag("DEMO", False)
CLOCK_SHIFT_ALLOWED = False

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000)
SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT
CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
if env.integer("TRUSTED_PROXIES", 0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
LOGGING = log.configure(json=True, level=env.text("LOG_LEVEL", "INFO"))

_problems = [
    *weakness("SECRET_KEY", SECRET_KEY),
    *weakness("FIELD_HASH_KEY", FIELD_HASH_KEY),
    *weakness_of_encryption_key(FIELD_ENCRYPTION_KEYS),
]
if env.flag("DEBUG", False):
    _problems.append("DEBUG=1 shows settings and source to strangers: remove it.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    _problems.append("ALLOWED_HOSTS must name the host names of this installation.")
if env.text("OWNER_DATABASE_URL", "") and not OWNER_COMMANDS.intersection(sys.argv[1:2]):
    _problems.append(
        "OWNER_DATABASE_URL belongs to migrations only: row security must not have an owner's connection within "
        "reach of a request. Remove it from this process."
    )
if _problems:
    raise ImproperlyConfigured("This installation will not start:\n- " + "\n- ".join(_problems))
