"""Imports of the register: the file, what was found in it row by row, and a journal by which it can be undone."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class RegisterImport(DistrictModel):
    """One uploaded file on its way into the register. ``row_done`` is committed with the rows it counts."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("核对中")
        CHECKED = "checked", _("待导入")
        RUNNING = "running", _("导入中")
        DONE = "done", _("已导入")
        FAILED = "failed", _("未能完成")
        UNDONE = "undone", _("已撤销")
        EXPIRED = "expired", _("已过期")

    file = models.CharField(max_length=120)
    file_name = models.CharField(_("文件"), max_length=120)
    size = models.PositiveIntegerField()
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.UPLOADED)
    kinds = models.JSONField(default=list, help_text=_("文件里有哪些表"))
    counts = models.JSONField(default=dict, help_text=_("每张表新增、更新、不变、有误的行数"))
    notes = models.JSONField(default=list, help_text=_("关于整张表的话"))
    row_total = models.PositiveIntegerField(default=0)
    row_done = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    uploaded_by = DistrictForeignKey(Membership)
    uploaded_at = models.DateTimeField()
    progress_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "-uploaded_at"], name="registerimport_latest")]

    def __str__(self) -> str:
        return self.file_name


class RegisterImportRow(DistrictModel):
    """What became of one row of the file. Holds places and codes, never a person's name or phone."""

    class Outcome(models.TextChoices):
        NEW = "new", _("新增")
        UPDATE = "update", _("更新")
        SAME = "same", _("不变")
        BAD = "bad", _("有误")

    register_import = DistrictForeignKey(RegisterImport)
    position = models.PositiveIntegerField()
    sheet = models.CharField(max_length=20)
    number = models.PositiveIntegerField(_("行号"))
    label = models.CharField(max_length=120, blank=True, default="")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reasons = models.TextField(blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "register_import", "position"], name="registerimportrow_once")
        ]
        indexes = [models.Index(fields=["district", "register_import", "outcome"], name="registerimportrow_outcome")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.number}"


class RegisterImportChange(DistrictModel):
    """The journal: an object the import made, or changed (its values before and after, as JSON)."""

    register_import = DistrictForeignKey(RegisterImport)
    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    is_new = models.BooleanField()
    before = EncryptedTextField(blank=True, default="")
    after = EncryptedTextField(blank=True, default="")

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "register_import", "model"], name="registerimportchange_of")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"
