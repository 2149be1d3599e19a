"""Why one row cannot be taken."""


class RowError(Exception):
    """The text says to the person who sent the file what is wrong and what to do."""
