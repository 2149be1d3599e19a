from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """Newest first, 20 a page (``page_size`` up to 100); stable while rows are added."""

    ordering = ("-submitted_at", "-id")
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
