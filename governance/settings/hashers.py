"""A password hasher for tests only."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class FastHasher(PBKDF2PasswordHasher):
    """The real algorithm with one iteration, so that a test's sign-in costs no time."""

    algorithm = "pbkdf2_sha256_fast"
    iterations = 1
