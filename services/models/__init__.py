from services.models.announcement import Announcement, AnnouncementTarget, AnnouncementVersion
from services.models.delivery import AnnouncementTransition, Delivery

__all__ = ["Announcement", "AnnouncementTarget", "AnnouncementTransition", "AnnouncementVersion", "Delivery"]
