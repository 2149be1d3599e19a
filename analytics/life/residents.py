"""What residents do: report, rate, give up, come back. Grid workers' finds are here too, for they begin tickets."""

from __future__ import annotations

import io
from datetime import timedelta
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from analytics.life import words
from analytics.life.scene import Scene
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage, store_photos
from grids.reference import territory
from requests_intake.actions.desk import withdraw_ticket
from requests_intake.actions.rate import rate_ticket, reopen_ticket
from requests_intake.actions.resolve import solve_on_site
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Satisfaction, Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.workflow import TicketState

_FINDS, _ANONYMOUS, _NOWHERE, _NO_PHONE = 0.08, 0.05, 0.04, 0.08
_CHANNELS = {"web": 46, "hotline": 28, "chat": 12, "door": 10, "letter_box": 4}
_FACES = {"satisfied": 58, "so_so": 19, "unsolved": 23}
# After a second try people are either content or give it up; a few leaders have to decide.
_FACES_AGAIN = {"satisfied": 55, "so_so": 30, "unsolved": 15}


def report(scene: Scene) -> None:
    """A resident, or somebody for them, says what is wrong."""
    random = scene.random
    if not scene.is_last and random.random() < _FINDS and find(scene):
        return
    saying, building_id = scene.said_where(clock.now())
    channel = random.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
    recorder = None if channel == "web" else scene.dispatcher
    nowhere = random.random() < _NOWHERE and not scene.is_last
    name, phone = scene.resident()
    with_photo = "p" in saying.flags and channel in ("web", "chat") and random.random() < 0.35
    submit_ticket(
        Report(
            content=saying.say(random),
            channel=channel if recorder else "web",
            building_id=None if nowhere else building_id,
            address=random.choice(words.ADDRESSES) if nowhere else "",
            name=name,
            phone="" if random.random() < _NO_PHONE else phone,
            is_anonymous=random.random() < _ANONYMOUS,
            photos=photos(random) if with_photo else (),
        ),
        actor=recorder or Actor.public(),
    )


def find(scene: Scene) -> bool:
    """A grid worker sees something on the round and mostly settles it at once; False where nobody is in post."""
    building_id = scene.building()
    grid_id = next(grid for pk, grid, _compound in scene.buildings if pk == building_id)
    worker = scene.somebody(territory().own.get(grid_id))
    if worker is None:
        return False
    said = scene.random.choice(words.FINDS)
    ticket = submit_ticket(
        Report(content=said, channel="patrol", building_id=building_id, is_proactive=True, start_level="grid"),
        actor=worker,
    ).ticket
    if TicketPolicy.allows(worker, "solve_on_site", ticket):
        solve_on_site(ticket, actor=worker, reply=said)
    return True


def rate(scene: Scene, ticket: Ticket) -> None:
    """Shares near what cities publish: about two thirds satisfied, a good fifth not solved at first (read first, 8)."""
    faces = _FACES_AGAIN if ticket.first_satisfaction else _FACES
    face = scene.random.choices(list(faces), list(faces.values()))[0]
    comment = scene.random.choice(words.UNSOLVED) if face == Satisfaction.UNSOLVED else ""
    rate_ticket(ticket, face=face, actor=Actor.requester(ticket.pk), comment=comment)


def give_up(scene: Scene, ticket: Ticket) -> None:
    withdraw_ticket(ticket, actor=Actor.requester(ticket.pk), note=scene.random.choice(words.WITHDRAWALS))


def come_back(scene: Scene) -> None:
    """Somebody whose matter was closed this week says that it has come back."""
    since = clock.now() - timedelta(days=7)
    closed = Ticket.objects.filter(
        state=TicketState.CLOSED, closed_at__range=(since, clock.now()), requester__isnull=False
    )
    found = list(closed.filter(reopen_count=0).order_by("id"))
    if found:
        ticket = scene.random.choice(found)
        reopen_ticket(ticket, actor=Actor.requester(ticket.pk), note=scene.random.choice(words.REOPENINGS))


def photos(random: Random) -> list[StoredImage]:
    """A drawn stand-in for a photo: a wall, a road, something on it."""
    picture = Image.new("RGB", (640, 480), (random.randint(150, 205),) * 2 + (random.randint(150, 190),))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 290, 640, 480), fill=(112, 110, 106))
    for _number in range(6):
        x, y = random.randint(0, 570), random.randint(50, 220)
        draw.rectangle((x, y, x + 46, y + 60), fill=(86, 104, 122))
    x, y = random.randint(130, 400), random.randint(310, 370)
    draw.ellipse((x, y, x + 160, y + 60), fill=(54, 52, 50))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return store_photos([SimpleUploadedFile("demo.jpg", buffer.getvalue(), "image/jpeg")])
