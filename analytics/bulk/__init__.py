"""Consistent tickets in bulk, for measuring: districts t01 … t20 with years of history."""

from analytics.bulk.load import load_tickets, share_out
from analytics.bulk.territory import give_password, make_district

__all__ = ["give_password", "load_tickets", "make_district", "share_out"]
