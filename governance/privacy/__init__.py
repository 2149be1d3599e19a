"""People's data: who looked at it, how long it is kept, what remains, and what a person may ask for.

Each app says what it holds of a person in its own ``privacy.py`` (``privacy.holders``): nothing here knows tickets.
"""
