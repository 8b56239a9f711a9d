"""Draws the pictures of the docs: the flow, the layers, who sees what, the two clocks."""

import itertools
from collections.abc import Callable
from uuid import UUID

from app.domain.disclosure import knowledge_of_agreement
from app.domain.policy import Audience, Role
from tools import state_machines
from tools.audiences import audiences
from tools.maps import azovstal_map
from tools.svg import END, LIVE, NOTE, OPEN, PLAIN, STOPPED, Box, Drawing, Look
from tools.vouching import vouching

_STEPS = (
    ("proposed", ("one party asks;", "two must consent"), LIVE),
    ("in_talks", ("the other side", "has been reached"), LIVE),
    ("agreed_in_principle", ("every party says so,", "each with a source"), LIVE),
    ("confirmed", ("ten terms, one hash,", "each party itself"), LIVE),
    ("in_force", ("its hour has come,", "the ceasefire holds"), OPEN),
)


def flow() -> str:
    """Draw the way from a proposal to people moving, in one line."""
    drawing = Drawing(
        width=1050,
        height=330,
        title="From proposed to in force",
        description="An agreement goes from proposed to in_talks, agreed_in_principle, confirmed "
        "and in_force. Every step forward needs everyone. Any one party can suspend it at once, "
        "and going on needs everyone again. Each step is an event that stays on record.",
    )
    drawing.text((20, 30), "Opening needs everyone", size=17, bold=True, anchor="start")
    boxes = [Box(x=20 + i * 206, y=52, w=166, h=92) for i in range(len(_STEPS))]
    for box, (name, lines, look) in zip(boxes, _STEPS, strict=True):
        drawing.box(box, [name, *lines], look=look, size=12)
    for one, other in itertools.pairwise(boxes):
        drawing.arrow([one.at(1, 0.5), other.at(0, 0.5)])
    stop = Box(x=844, y=198, w=166, h=72)
    drawing.arrow([boxes[4].at(0.3, 1), stop.at(0.3, 0)])
    drawing.arrow([stop.at(0.7, 0), boxes[4].at(0.7, 1)])
    drawing.box(stop, ["suspended", "by any one party"], look=STOPPED)
    drawing.text((1010, 300), "Stopping needs one", size=17, bold=True, anchor="end")
    record = Box(x=20, y=198, w=784, h=72)
    drawing.box(
        record,
        [
            "The record: every step is added, none is changed",
            "who, for whom, why, on which evidence · since when it is so · when we learned it",
        ],
        look=NOTE,
    )
    for index in range(4):
        drawing.arrow([boxes[index].at(0.5, 1), (boxes[index].at(0.5, 1)[0], 198)], dashed=True)
    drawing.arrow([stop.at(0, 0.5), record.at(1, 0.5)], dashed=True)
    drawing.text((20, 306), "Every doubt, fault or expiry reads as: do not move, with the reason "
                 "and until when.", size=14, anchor="start")  # fmt: skip
    return drawing.render()


_CHECKS = (
    ("May you know of it?", "if not: 404"),
    ("Is it yours to do?", "if not: 401 or 403"),
    ("Was this key used before?", "if so: the stored outcome, once more"),
    ("Is it the version that you read?", "if not: 428 or 412"),
    ("Does the rule allow it?", "if not: 409 or 422, with all that is missing"),
)


def layers() -> str:
    """Draw the one way that every change takes."""
    drawing = Drawing(
        width=900,
        height=560,
        title="The one way of every change",
        description="A request reaches a route, which reads it strictly; the service opens one "
        "transaction and locks the subject; the checks follow in this order: may you know of it, "
        "404; is it yours, 401 or 403; idempotency key, the stored answer; version, 428 or 412; "
        "the rule, 409 or 422. The rule is pure and returns a fact. From the fact come the event "
        "and the present rows, in the same transaction. It is committed, and only then answered.",
    )
    steps = (
        ("route", "reads strictly, names types", LIVE),
        ("service", "one transaction, locks the subject", LIVE),
        ("checks, in this order", "see the right", NOTE),
        ("domain", "pure rule: a fact, or all that is missing", OPEN),
        ("ledger and store", "event with its record, present rows", LIVE),
        ("commit", "on disk, or not done", STOPPED),
    )
    boxes = [Box(x=60, y=60 + i * 80, w=330, h=54) for i in range(len(steps))]
    drawing.text((225, 34), "request", size=14, bold=True)
    drawing.arrow([(225, 40), boxes[0].at(0.5, 0)])
    for box, (name, words, look) in zip(boxes, steps, strict=True):
        drawing.box(box, [name, words], look=look)
    for one, other in itertools.pairwise(boxes):
        drawing.arrow([one.at(0.5, 1), other.at(0.5, 0)])
    drawing.arrow([boxes[5].at(0.5, 1), (225, 545)])
    drawing.text((240, 540), "answer 200, 201", size=14, bold=True, anchor="start")
    for index, (question, answer) in enumerate(_CHECKS):
        box = Box(x=520, y=60 + index * 80, w=290, h=54)
        drawing.box(box, [f"{index + 1}. {question}", answer], look=PLAIN)
        if index:
            drawing.arrow([(665, box.y - 26), (665, box.y)])
    drawing.arrow([boxes[2].at(1, 0.5), (450, boxes[2].at(1, 0.5)[1]), (450, 87), (520, 87)],
                  dashed=True)  # fmt: skip
    drawing.arrow([(520, 407), (425, 407), (425, boxes[3].at(1, 0.5)[1]), boxes[3].at(1, 0.5)],
                  dashed=True)  # fmt: skip
    drawing.text((520, 490), "A refusal at any check stores nothing.", size=13, anchor="start")
    return drawing.render()


Reader = tuple[str, str, Role | None, Audience | None, bool]
READERS: tuple[Reader, ...] = (
    ("no token,", "other operation", None, None, False),
    ("map client,", "not a party", Role.MAP_CLIENT, Audience.PARTNER, False),
    ("belligerent,", "not a party", Role.COORDINATOR, Audience.PARTNER, False),
    ("belligerent,", "a party of it", Role.COORDINATOR, Audience.PARTNER, True),
    ("coordinator,", "operational", Role.COORDINATOR, Audience.OPERATIONAL, False),
    ("auditor,", "operational", Role.AUDITOR, Audience.OPERATIONAL, False),
    ("administrator", "", Role.ADMINISTRATOR, None, False),
)
_READER, _OTHER = UUID(int=1), UUID(int=2)
_SHADES = {"whole": OPEN, "outline": NOTE, "nothing": END}


def seen_by(reader: Reader, *, released: bool) -> str:
    """Say how much of an agreement a reader may know, by the rule that the service uses."""
    _, _, role, audience, is_party = reader
    return knowledge_of_agreement(
        role=role,
        audience=audience,
        organisation=_READER,
        parties=[_READER] if is_party else [_OTHER],
        released=released,
    ).value


def who_sees_what() -> str:
    """Draw what each reader sees of an agreement, its talks, sources, tokens and history."""
    talks = ["nothing", "nothing", "nothing", "nothing", "whole", "whole", "nothing"]
    sources = ["nothing", "nothing", "whole", "whole", "whole", "whole", "nothing"]
    tokens = ["nothing", "whole", "whole", "whole", "whole", "whole", "whole"]
    history = ["nothing", "nothing", "nothing", "nothing", "nothing", "whole", "nothing"]
    rows = (
        ("agreement, not released", [seen_by(r, released=False) for r in READERS]),
        ("agreement, released or low", [seen_by(r, released=True) for r in READERS]),
        ("talks (contacts)", talks),
        ("sources", sources),
        ("who holds a token", tokens),
        ("history of all subjects", history),
    )
    words = "; ".join(
        f"{row}: "
        + ", ".join(f"{r[0]} {r[1]} {cell}" for r, cell in zip(READERS, cells, strict=True))
        for row, cells in rows
    )
    drawing = Drawing(width=1090, height=440, title="Who sees what", description=words)
    drawing.text((20, 30), "Who sees what, within an operation that the token names", size=16,
                 bold=True, anchor="start")  # fmt: skip
    for column, (first, second, *_) in enumerate(READERS):
        x = 290 + column * 116
        drawing.text((x, 66), first, size=12, bold=True)
        drawing.text((x, 82), second, size=12, bold=True)
    for index, (row, cells) in enumerate(rows):
        y = 96 + index * 48
        drawing.text((20, y + 24), row, size=13, anchor="start")
        for column, cell in enumerate(cells):
            box = Box(x=236 + column * 116, y=y, w=108, h=38)
            drawing.box(box, [cell], look=_shade(cell), bold=cell == "whole")
    drawing.text((20, 405), "outline: title, status, consent basis, do_not_move.", size=13,
                 anchor="start")  # fmt: skip
    drawing.text((20, 424), "nothing: an empty list, or 404 as for what does not exist; 401 or 403 "
                 "where a whole address is not for that role.", size=13, anchor="start")  # fmt: skip
    return drawing.render()


def _shade(cell: str) -> Look:
    return _SHADES[cell]


def two_clocks() -> str:
    """Draw three facts by when they were so and when they were learned, and one question."""
    drawing = Drawing(
        width=860,
        height=430,
        title="Two clocks",
        description="Facts are points: across, since when it was so; upwards, when it was "
        "recorded. A question with as_of and known_at sees the points to the left of as_of and "
        "below known_at. A late report lies far up and to the left: it changes what was so, not "
        "what was known then.",
    )
    drawing.text((20, 28), "A question sees what was so by as_of, as it was known by known_at",
                 size=16, bold=True, anchor="start")  # fmt: skip
    area = Box(x=110, y=150, w=430, h=220)
    drawing.box(area, [], look=Look(fill="#eaf2fb", line="#9bb4cc", round=0))
    drawing.arrow([(110, 370), (820, 370)])
    drawing.arrow([(110, 370), (110, 60)])
    drawing.text((800, 395), "effective_at: since when it is so", size=13, anchor="end")
    drawing.text((20, 52), "recorded_at: when we learned it", size=13, anchor="start")
    drawing.text((540, 395), "as_of", size=13, bold=True)
    drawing.text((102, 154), "known_at", size=13, bold=True, anchor="end")
    facts = (
        (200, 340, "proposed", True),
        (300, 260, "agreed_in_principle", True),
        (660, 200, "in_force", False),
        (250, 90, "in_talks, reported late", False),
    )
    for x, y, words, inside in facts:
        drawing.dot((x, y), colour="#1c6b3a" if inside else "#9a5b00")
        seen = "seen" if inside else "not seen"
        drawing.text((x + 12, y + 4), f"{words}: {seen}", size=13, anchor="start")
    return drawing.render()


PICTURES: dict[str, Callable[[], str]] = {
    "agreement-mutual": state_machines.mutual,
    "agreement-declared": state_machines.declared,
    "corridor": state_machines.corridor,
    "window": state_machines.windows,
    "flow": flow,
    "layers": layers,
    "who-sees-what": who_sees_what,
    "two-clocks": two_clocks,
    "audiences": audiences,
    "azovstal-map": azovstal_map,
    "vouching": vouching,
}
"""The pictures in docs/pictures, by name."""
