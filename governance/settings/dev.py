"""A developer's machine and `make demo`: embedded servers, readable logs, a movable clock."""

from governance.devstack import state

# With nothing exported, a command talks to the servers that `make demo` or `services` is running in this checkout.
state.fill_environment()

from governance.settings import env, sms
from governance.settings.base import *  # noqa: F403

DEBUG = env.flag("DEBUG", False)
DEMO = env.flag("DEMO", True)
CLOCK_SHIFT_ALLOWED = True
SMS_GATEWAY = sms.gateway("console")  # the log shows the codes, and in the demo the page
# Demo accounts share a printed password: a second factor of one visitor would keep the next one out.
SECOND_FACTOR = env.text("SECOND_FACTOR", "offered" if DEMO else "required")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", [".localhost", "127.0.0.1", "[::1]"])

# Serve the built files straight from their folders, as they are now.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
