"""What this app does only where a legal ground is recorded (``kernel.features``, read_first 1)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import features
from governance.kernel.errors import Invalid
from governance.kernel.storage import StoredImage

WORK_PHOTOS = features.register(
    features.Feature(
        code="work_photos",
        title=gettext_lazy("办结、核查都要传工作照片"),
        why_off=gettext_lazy("非必要不得强制工作人员上传工作照片（国办函〔2026〕12号）。"),
        when_off=gettext_lazy(
            "只有现场解决别人反映的事、现场核查要一张照片，作为修好了的证明；自己发现、当场处理好的，和其他办结、核查、返工，照片可传可不传。"
        ),
        when_on=gettext_lazy("每一次办结、现场解决、核查和返工都要传照片，没有照片的不收，接口也一样。"),
    )
)
FIND_POSITION = features.register(
    features.Feature(
        code="find_position",
        title=gettext_lazy("保存网格员报事时的手机定位"),
        why_off=gettext_lazy(
            "非必要不得强制上传行动轨迹（国办函〔2026〕12号）；报事的位置连起来就是行踪，属于敏感个人信息。"
        ),
        when_off=gettext_lazy("定位只用来找到楼栋和网格，找到后不保存经纬度。"),
        when_on=gettext_lazy("定位的经纬度和诉求一起保存，接口能读到。"),
    )
)


def check_work_photo(photos: Sequence[StoredImage], *, tell: bool) -> None:
    """Raises ``Invalid`` ``photo_needed`` where each solution and check needs one; not for history (``tell=False``)."""
    if tell and not photos and features.is_on(WORK_PHOTOS):
        sentence = _("本区要求每次办结和核查都附照片，请加一张。")
        raise Invalid("photo_needed", sentence, fields={"photos": [sentence]})
