"""Who stands above somebody who left, and who acts for whom."""

from django.contrib.auth.models import AnonymousUser

from findings.holders import VERIFIER
from people.models import Unit, User
from people.rules import above, acting_ids
from tests.world import World


def test_nobody_who_is_not_logged_in_acts_for_anybody() -> None:
    assert acting_ids(AnonymousUser()) == frozenset()


def test_the_nearest_superior_who_is_here(world: World) -> None:
    assert above(world.users["owner"].pk) == [world.users["superior"].pk]
    User.objects.filter(username="superior").update(is_active=False)
    assert above(world.users["owner"].pk) == [world.users["top"].pk]


def test_without_a_superior_the_nearest_other_head_up_the_tree_and_in_the_end_management(world: World) -> None:
    owner, superior = world.users["owner"], world.users["superior"]
    User.objects.filter(pk__in=[owner.pk, superior.pk]).update(superior=None)
    Unit.objects.update(head=None)
    Unit.objects.filter(code="F1D").update(head=owner)
    Unit.objects.filter(code="G").update(head=world.users["leader"])
    assert above(owner.pk) == [world.users["leader"].pk]
    Unit.objects.filter(code="G").update(head=None)
    assert set(above(owner.pk)) == {world.users["top"].pk, world.users["process_owner"].pk}
    assert set(above(10**9)) == {world.users["top"].pk, world.users["process_owner"].pk}


def test_people_who_report_to_each_other_do_not_go_round_for_ever(world: World) -> None:
    owner, superior = world.users["owner"], world.users["superior"]
    Unit.objects.update(head=None)
    User.objects.filter(pk=owner.pk).update(superior=superior)
    User.objects.filter(pk=superior.pk).update(superior=owner, is_active=False)
    assert set(above(owner.pk)) == {world.users["top"].pk, world.users["process_owner"].pk}


def test_a_post_that_names_no_rows_is_held_on_none(world: World) -> None:
    assert VERIFIER.held(world.user("closure"), frozenset({1})) is None
