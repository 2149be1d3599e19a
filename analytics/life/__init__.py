"""Some days of life in a demo district, lived through the real actions."""

from analytics.life.days import live_some_days

__all__ = ["live_some_days"]
