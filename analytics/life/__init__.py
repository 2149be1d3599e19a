"""Weeks of life in a demo district, lived through the real actions."""

from analytics.life.month import has_past, live

__all__ = ["has_past", "live"]
