"""Tickets as pages show them: plain values for the components of ``templates/components``.

Every function takes a ticket; the rows of a list come from ``queries.tickets_of``, which adds their facts, so that a
list needs no statement per row. A single ticket may come from anywhere: its facts are then read once.
"""

from requests_intake.presentation.clocks import clock_bars, ladder
from requests_intake.presentation.history import timeline
from requests_intake.presentation.people import may_reveal, requester_card
from requests_intake.presentation.photos import photo_strip
from requests_intake.presentation.rows import due_of, lamp_state, list_row, place_text, remaining, resident_steps

__all__ = [
    "clock_bars",
    "due_of",
    "ladder",
    "lamp_state",
    "list_row",
    "may_reveal",
    "photo_strip",
    "place_text",
    "remaining",
    "requester_card",
    "resident_steps",
    "timeline",
]
