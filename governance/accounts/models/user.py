from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, handle: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(handle=handle, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, handle: str, password: str | None = None, **extra: Any) -> User:
        """An administrator of the platform: reference data in /admin/, no ticket and no person."""
        return self.create_user(handle, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A way to sign in and nothing more: no name, no phone, no district. ``Membership`` ties it to districts."""

    handle = models.CharField(
        _("账号"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]{2,63}$", _("账号由小写字母、数字和 . _ - 组成，3 至 64 位"))],
    )
    is_active = models.BooleanField(_("启用"), default=True)
    is_staff = models.BooleanField(_("平台管理员"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    failed_sign_ins = models.PositiveIntegerField(default=0, editable=False, help_text="since the last successful one")

    objects = UserManager()

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self) -> str:
        return self.handle

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What every session carries: it ends with the password, as Django has it, and when the epoch moves on."""
        own = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        return f"{own}.{self.session_epoch}"

    def end_sessions(self) -> None:
        """End every session of this person, in whatever browser and district."""
        type(self).objects.filter(pk=self.pk).update(session_epoch=models.F("session_epoch") + 1)
        self.refresh_from_db(fields=["session_epoch"])
