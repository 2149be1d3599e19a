"""The test suite: real PostgreSQL and real Valkey, everything else as quick and as deterministic as it can be."""

import os

from governance.devstack import state

_FIXED_KEYS = {
    "SECRET_KEY": "only-for-tests-and-therefore-no-secret-at-all-0123456789",
    "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "FIELD_HASH_KEY": "only-for-tests",
}
for _name in _FIXED_KEYS:
    os.environ.pop(f"{_name}_FILE", None)
os.environ.update(_FIXED_KEYS)
state.fill_environment()

from governance.settings import log
from governance.settings.base import *  # noqa: F403
from governance.settings.base import BASE_DIR, CACHES, THROTTLES

CLOCK_SHIFT_ALLOWED = True
ALLOWED_HOSTS = ["*"]
SECOND_FACTOR = "offered"  # tests of what is required say so
PASSWORD_HASHERS = ["governance.settings.hashers.FastHasher"]
SMS_GATEWAY = "console"
EMAIL_HOST = "localhost"  # nothing is sent: the suite keeps mail in memory
MEDIA_ROOT = BASE_DIR / "var" / "test" / "media"

# Each parallel test process has its own part of the cache.
CACHES["default"]["KEY_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

# All tests come from one address. Counting goes on; those about limits set their own.
THROTTLES = dict.fromkeys(THROTTLES, (10_000_000, 3_600))

LOGGING = log.configure(json=False, level="WARNING")
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
