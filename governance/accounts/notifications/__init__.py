"""Telling people: the inbox on the platform, and beside it SMS, e-mail and the robots of group chats.

``tell`` writes notices and plans what else goes to whoever wants it; ``plan_message`` and ``plan_for_robots`` plan what
has no notice; ``sending`` sends what is due. What is planned is a row; nothing is sent in the transaction of a move.
"""

from governance.accounts.notifications.planning import plan_for_robots, plan_messages, tell
from governance.accounts.notifications.recipients import MEMBER, ROBOT, Recipient, RecipientKind, register_recipients

__all__ = [
    "MEMBER",
    "ROBOT",
    "Recipient",
    "RecipientKind",
    "plan_for_robots",
    "plan_messages",
    "register_recipients",
    "tell",
]
