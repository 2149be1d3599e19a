from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "grids.posts"
    verbose_name = "岗位和力量"

    def ready(self) -> None:
        from grids.posts import (
            following,  # noqa: F401  (forces go along when grids change)
            privacy,  # noqa: F401  (what the lists of forces hold of people)
        )
