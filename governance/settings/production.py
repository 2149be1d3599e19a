"""Production: everything from the environment, nothing guessed, weak set-ups refused."""

import sys

from django.core.exceptions import ImproperlyConfigured

from governance.settings import env, log, mail, sms
from governance.settings.base import *  # noqa: F403
from governance.settings.base import (
    ALLOWED_HOSTS,
    AUDIT_KEEP_DAYS,
    EMAIL_HOST,
    EMAIL_HOST_PASSWORD,
    EMAIL_USE_SSL,
    EMAIL_USE_TLS,
    FIELD_ENCRYPTION_KEYS,
    FIELD_HASH_KEY,
    OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET,
    OIDC_ISSUER,
    PUBLIC_URL,
    ROBOT_HOSTS,
    SECOND_FACTOR,
    SECRET_KEY,
    SMS_GATEWAY,
    SMS_HTTP,
    STAFF_PASSWORD_DAYS,
    STORAGES,
)
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
    *sms.problems(SMS_GATEWAY, SMS_HTTP, production=True),
    *mail.problems(
        host=EMAIL_HOST,
        password=EMAIL_HOST_PASSWORD,
        tls=EMAIL_USE_TLS,
        ssl=EMAIL_USE_SSL,
        public_url=PUBLIC_URL,
        robot_hosts=ROBOT_HOSTS,
    ),
]
if env.flag("DEBUG", False):
    _problems.append("DEBUG=1 shows settings and source to strangers: remove it.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    _problems.append("ALLOWED_HOSTS must name the host names of this installation.")
if SECOND_FACTOR not in ("required", "offered"):
    _problems.append('SECOND_FACTOR must be "required", or "offered" in a demo.')
elif SECOND_FACTOR != "required" and not DEMO:
    _problems.append("SECOND_FACTOR=offered lets administrators in by a password alone: only a demo may do that.")
if OIDC_ISSUER and not (OIDC_ISSUER.startswith("https://") and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    _problems.append("OIDC_ISSUER needs https://, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
if AUDIT_KEEP_DAYS < 180:
    _problems.append("AUDIT_KEEP_DAYS must be 180 or more: the law wants logs kept for six months.")
if not 1 <= STAFF_PASSWORD_DAYS <= 90:
    _problems.append("STAFF_PASSWORD_DAYS must lie between 1 and 90: staff change their passwords every 90 days.")
if env.text("OWNER_DATABASE_URL", "") and not OWNER_COMMANDS.intersection(sys.argv[1:2]):
    _problems.append(
        "OWNER_DATABASE_URL belongs to migrations only: row security must not have an owner's connection within "
        "reach of a request. Remove it from this process."
    )
if _problems:
    raise ImproperlyConfigured("This installation will not start:\n- " + "\n- ".join(_problems))
