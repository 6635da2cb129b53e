"""Which course a finding of the demo takes."""

from collections.abc import Iterator
from random import Random

#: How a finding goes, with how many of thirty: each course comes up again and again, however short the play.
COURSES = (
    ("smooth", 12),
    ("returned", 4),
    ("returned_twice", 2),
    ("late_contain", 2),
    ("late_analyse", 2),
    ("late_close", 2),
    ("exempted", 1),
    ("reopened", 1),
    ("withdrawn", 1),
    ("forgotten", 1),
    ("disputed", 1),
    ("passed_on", 1),
)


def deck(rng: Random) -> Iterator[str]:
    """The courses in a random order, over and over."""
    cards = [name for name, count in COURSES for _n in range(count)]
    while True:
        yield from rng.sample(cards, len(cards))
