"""A campaign goes to a segment once: at its time, to each member one, to nobody who is held out, within its budget."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.actions.send_campaign import (
    CampaignAsked,
    CampaignUnknown,
    addressees,
    ask_campaign,
    begin_campaigns,
    rule_of,
    send_campaign,
)
from shared.actions.walking import Place
from shared.domain.ledger import unpacked
from shared.domain.messages import Intent, intents_of
from shared.domain.rulebook import ProgrammeFaulty, rulebook
from shared.store.rows import account_of
from tests.laws.post_office import ALL, CONTACT, EARN, NOON, PostOffice
from tests.laws.shop import HEAD, bought, came_back, plenty

SEGMENT = '[[segment]]\nid = "buyers"\nwhen = "member.purchases >= 1"\n'
MESSAGE = 'message = { template = "gift", days = 3 }\n'


def campaign(more: str = f"points = 50\n{ALL}", name: str = "spring") -> str:
    return f'[[campaign]]\nid = "{name}"\nsegment = "buyers"\n{more}'


def opened(text: str, buyers: int = 6, others: int = 3) -> tuple[PostOffice, list[str], list[str]]:
    office = PostOffice(SEGMENT + text)
    members = [office.join() for _ in range(buyers + others)]
    for number, member in enumerate(members[:buyers]):
        office.shop.buy(bought(f"A-{number}", NOON - timedelta(days=1), ("CD-1", 1, 1_000)) | {"member_id": member})
    return office, members[:buyers], members[buyers:]


def dues(office: PostOffice, member: str) -> list[tuple[str, str, int]]:
    told = [unpacked(row["au"]) for row in office.shop.rows(member) if row["c"] == "due"]
    return [(name, arm, units) for name, _, _, arm, units in told]


def sent(office: PostOffice, name: str = "spring", parts: int = 2) -> None:
    for part in range(parts):
        send_campaign(office.shop.club, name, plenty, Place(part, parts))


def test_every_member_of_the_segment_gets_it_once_however_often_its_parts_run() -> None:
    office, buyers, others = opened(campaign())
    for _ in range(3):
        sent(office)
    assert [dues(office, member) for member in buyers] == [[("spring", "treated", 50)]] * 6
    assert [dues(office, member) for member in others] == [[]] * 3
    for member in buyers:
        office.shop.prove(member)


def test_it_is_asked_for_once_and_begins_when_its_time_has_come() -> None:
    office, _, _ = opened(campaign())
    club, begun = office.shop.club, list[str]()
    at = NOON + timedelta(hours=2)
    ask_campaign(club, "spring", at, "noa")
    with pytest.raises(CampaignAsked):
        ask_campaign(club, "spring", at + timedelta(days=30), "noa")
    told = [begin_campaigns(office.memory, NOON + timedelta(hours=hours), begun.append) for hours in (0, 1, 2, 3)]
    assert (told, begun) == ([0, 0, 1, 0], ["spring"])


def test_a_beginning_that_was_not_noted_begins_again() -> None:
    office, _, _ = opened(campaign())
    ask_campaign(office.shop.club, "spring", NOON, "noa")
    begun = list[str]()
    write = office.memory.write

    def dies(_):
        raise RuntimeError

    office.memory.write = dies  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        begin_campaigns(office.memory, NOON, begun.append)
    office.memory.write = write  # type: ignore[method-assign]
    begin_campaigns(office.memory, NOON, begun.append)
    assert begun == ["spring", "spring"]


def test_a_campaign_that_the_programme_has_not_is_said_to_be_unknown() -> None:
    office, _, _ = opened(campaign())
    with pytest.raises(CampaignUnknown):
        ask_campaign(office.shop.club, "autumn", NOON, "noa")


def test_who_is_held_out_gets_nothing_and_is_shown_before() -> None:
    office, buyers, _ = opened(campaign("points = 50\nholdout = 50\n"), buyers=40, others=0)
    rule = rule_of(office.shop.club.laws.at(NOON), "spring")
    accounts = map(account_of, office.memory.scanned("accounts"))
    shown = list(addressees(office.shop.club.store, accounts, rule, office.shop.club.laws.at(NOON), NOON))
    sent(office)
    arms = [dues(office, member)[0][1:] for member in buyers]
    assert set(arms) == {("treated", 50), ("held_out", 0)}
    assert 8 <= arms.count(("held_out", 0)) <= 32
    assert sorted(due.arm for due in shown) == sorted(arm for arm, _ in arms)


def test_it_gives_no_more_than_its_budget() -> None:
    office, buyers, _ = opened(campaign(f"points = 50\nbudget = 120\n{ALL}"))
    sent(office)
    sent(office)
    assert sum(units for member in buyers for _, _, units in dues(office, member)) == 100


def test_its_letters_go_through_the_same_gate_and_to_nobody_who_has_left_the_segment() -> None:
    dormant = '[[segment]]\nid = "quiet"\nwhen = "member.days_since_purchase >= 1"\n'
    text = f'{dormant}[[campaign]]\nid = "back"\nsegment = "quiet"\npoints = 5\n{MESSAGE}{ALL}'
    office, buyers, others = opened(text, buyers=2, others=1)
    sent(office, "back")
    office.queue = [(NOON, intent) for member in buyers for intent in _intents(office, member)]
    office.shop.buy(bought("B-1", NOON, ("CD-1", 1, 1_000)) | {"member_id": buyers[0]})
    office.work(NOON + timedelta(days=2))
    assert [office.states(member)["back"] for member in buyers] == [("EXPIRED", "no_longer_due"), ("SENT", "allowed")]
    assert office.states(others[0]) == {}


def test_a_campaign_goes_to_those_of_a_segment_who_like_what_it_is_about() -> None:
    lovers = """[[segment]]\nid = "lovers"\nwhen = "member.purchases >= 1 && 'vinyl' in member.likes"\n"""
    text = f'{lovers}[[campaign]]\nid = "vinyl-week"\nsegment = "lovers"\npoints = 5\n{ALL}'
    office, buyers, _ = opened(text, buyers=3, others=1)
    for number, (member, category) in enumerate(zip(buyers, ("vinyl", "poster", "vinyl"), strict=True)):
        told = bought(f"L-{number}", NOON, ("LP-1", 1, 9_000)) | {"member_id": member}
        told["lines"][0]["category"] = category
        office.shop.buy(told)
    office.shop.bring_back(came_back("R-2", NOON, "L-2"))
    shown = list(addressees(
        office.shop.club.store, map(account_of, office.memory.scanned("accounts")),
        rule_of(office.shop.club.laws.at(NOON), "vinyl-week"), office.shop.club.laws.at(NOON), NOON,
    ))  # fmt: skip
    sent(office, "vinyl-week")
    assert len(shown) == 1
    assert [dues(office, member) for member in buyers] == [[("vinyl-week", "treated", 5)], [], []]


def _intents(office: PostOffice, member: str) -> list[Intent]:
    return [intent for row in office.shop.rows(member) if "ms" in row for intent in intents_of(row)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[campaign]]\nid = "a"\nsegment = "nobody"\npoints = 5\n', "there is no [[segment]] 'nobody'"),
        (campaign(""), "does nothing"),
        (
            campaign(name="same") + '[[automation]]\nid = "same"\non = "join"\npoints = 5\n',
            "an automation is called 'same'",
        ),
        (campaign(MESSAGE), "the template 'gift' tells offer or points"),
        (campaign("points = 5\nmessage = { template = 'birthday', channels = ['push'] }\n"), "by push, which is none"),
        (campaign("points = 5\nmessage = { template = 'autumn' }\n"), "there is no template 'autumn'"),
        (
            '[[segment]]\nid = "fond"\nwhen = "\'vinyl\' in member.likes"\ntone = "plain"\n',
            "segment 'fond' asks for member.likes, which no account keeps: tone and look go without",
        ),
    ],
)
def test_what_a_campaign_cannot_do_is_said_when_the_file_is_checked(text: str, said: str) -> None:
    with pytest.raises(ProgrammeFaulty) as faulty:
        rulebook(HEAD + EARN + CONTACT + SEGMENT + text)
    assert any(said in fault.sentence for fault in faulty.value.faults)
