from __future__ import annotations

import smtplib
import ssl

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import BadHeaderError
from django.utils.translation import gettext as _

from governance.accounts.notifications.channels.base import Channel, Message, Permanent, Temporary
from governance.accounts.notifications.preferences import rules_of_district
from governance.accounts.notifications.recipients import Recipient, kind_of
from governance.kernel.tenancy.context import current_district


class Email(Channel):
    """Through the SMTP server of the settings, from the district's own address."""

    code = "email"

    def is_available(self) -> bool:
        return bool(settings.EMAIL_HOST)

    def address_of(self, recipient: Recipient) -> str:
        return kind_of(recipient).emails([recipient.id]).get(recipient.id, "")

    def send(self, address: str, message: Message) -> None:
        if not self.is_available():
            raise Permanent("not_set_up")
        body = "\n".join(part for part in (message.text, "", *message.lines, "", message.link) if part is not None)
        mail = EmailMessage(
            subject=_("【{district}】{text}").format(district=current_district().name, text=message.text)[:120],
            body=body.strip() + "\n",
            from_email=rules_of_district().email_sender or settings.DEFAULT_FROM_EMAIL,
            to=[address],
            connection=get_connection(timeout=settings.EMAIL_TIMEOUT),
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _said in error.recipients.values()]
            raise _of_code(max(codes, default=500)) from None
        except smtplib.SMTPAuthenticationError:
            # Somebody has to mend the settings; until then nothing need be lost.
            raise Temporary("smtp_sign_in") from None
        except smtplib.SMTPResponseException as error:
            raise _of_code(error.smtp_code) from None
        except (ValueError, BadHeaderError):
            raise Permanent("bad_address") from None
        except TimeoutError:
            raise Temporary("timeout") from None
        except ssl.SSLError:
            raise Temporary("tls") from None
        except (smtplib.SMTPException, OSError):
            raise Temporary("connection") from None


def _of_code(code: int) -> Temporary | Permanent:
    """4xx: later (RFC 5321, 4.2.1); 5xx: not like this."""
    return Temporary(f"smtp_{code}") if code < 500 else Permanent(f"smtp_{code}")
