"""Patrols: what a grid plans to have walked, and what was walked (S3-21, S3-32)."""
