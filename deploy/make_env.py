"""Print a new .env for docker-compose.yml, with fresh random secrets: python3 deploy/make_env.py gov.example > .env

The first name given is the installation's; further ones (a host name per district) may follow.
"""

import base64
import os
import secrets
import sys


def main(names: list[str]) -> None:
    if not names:
        sys.exit(__doc__)
    values = {
        "DOMAINS": ", ".join(names),
        "ALLOWED_HOSTS": ",".join(names),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_HASH_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        # Letters and digits only: they become parts of URLs.
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "GOV_OWNER_PASSWORD": secrets.token_hex(24),
        "GOV_APP_PASSWORD": secrets.token_hex(24),
        "GOV_SWEEP_PASSWORD": secrets.token_hex(24),
    }
    for name, value in values.items():
        print(f"{name}={value}")


if __name__ == "__main__":
    main(sys.argv[1:])
