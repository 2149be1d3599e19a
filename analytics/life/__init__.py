"""Weeks of life in a demo district, lived through the real actions."""

from analytics.life.month import live

__all__ = ["live"]
