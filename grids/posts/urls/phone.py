"""力量 on the grid worker's phone, under /m/posts/."""

from grids.posts.urls.surfaces import addresses
from grids.posts.views.surface import PHONE

app_name = "posts_phone"
urlpatterns = addresses(PHONE)
