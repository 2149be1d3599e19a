"""The WSGI entry point of the web process. It refuses to start on a database that would not keep districts apart."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.production")

application = get_wsgi_application()

from governance.kernel.tenancy.guard import refuse_unsafe_start  # noqa: E402  (needs the application registry)

refuse_unsafe_start()
