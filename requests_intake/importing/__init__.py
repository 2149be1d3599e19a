"""Other systems' lists: files, column mappings, and rows as reports. Writing is ``actions/import_tickets.py``."""
