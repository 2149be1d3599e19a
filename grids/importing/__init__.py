"""The register from files: areas, borders, compounds, buildings, rooms, organizations, staff.

``sheets`` says which columns there are, ``reading`` reads a file, ``planning`` decides what a row means, ``writing``
writes it with a journal, ``running`` checks and applies, ``undoing`` takes it back, ``files`` makes the downloads.
"""
