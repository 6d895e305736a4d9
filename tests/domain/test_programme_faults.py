"""A mistake in a programme file is told with its line, its column and a sentence; nothing is found out at the till."""

from pathlib import Path

import pytest

from shared.domain.never_firing import never_firing
from shared.domain.rulebook import PROGRAMME_BYTES_MAX, ProgrammeFaulty, rulebook
from shared.domain.warnings import warnings
from tests.domain.shop import BASE, CLUB, points, programme, rule, tier

HEAD = CLUB.lstrip()  # [club] stands on line 1, its last key on line 6
DEMO = Path(__file__).resolve().parents[2] / "programmes" / "demo.toml"


def faults(*tables, head=HEAD):
    """Line, column and sentence of every fault. The first of `tables` starts on line 7."""
    with pytest.raises(ProgrammeFaulty) as refused:
        rulebook("\n".join((head.rstrip("\n"), *tables)))
    return [tuple(fault) for fault in refused.value.faults]


def first(*tables, head=HEAD):
    return faults(*tables, head=head)[0]


def club(key, value):
    lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in HEAD.splitlines()]
    return "\n".join(lines)


def test_the_demo_programme_has_no_fault():
    text = DEMO.read_text("utf-8")
    book = rulebook(text)
    assert never_firing(text, book.programme) == warnings(text, book.programme) == []
    assert [one.earn.id for one in book.rules] == [
        "base",
        "vinyl",
        "big-basket",
        "double-posters-for-gold",
        "winter-web",
        "stamp",
        "cashback",
    ]
    assert [one.id for one in book.programme.tier] == ["silver", "gold"]


def test_the_least_a_programme_says_is_a_club_and_a_rule():
    book = programme(BASE)
    assert book.programme.points.expiry is None
    assert (book.programme.points.pending_days, book.programme.points.rounding.mode) == (0, "floor")
    assert book.programme.tiers.window_days == 365


# -- every limit of a key ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("name", '""', 2),
        ("name", '"  "', 2),
        ("name", f'"{"x" * 201}"', 2),
        ("name", "5", 2),
        ("currency", '"usd"', 3),
        ("currency", '"USDX"', 3),
        ("time_zone", '"Mars/Phobos"', 4),
        ("time_zone", '""', 4),
        ("time_zone", '"../../etc/hosts"', 4),
        ("time_zone", '"Asia"', 4),
        ("languages", "[]", 5),
        ("languages", '["de"]', 5),
        ("languages", '"en"', 5),
        ("languages", '["en", "he", "en"]', 5),
        ("phone_region", '"us"', 6),
        ("phone_region", '"USA"', 6),
        ("phone_region", '"XX"', 6),
    ],
)
def test_a_club_s_key_out_of_its_limits_is_told_at_its_line(key, value, line):
    ((*where, said),) = faults(BASE, head=club(key, value))
    assert where == [line, 1]
    assert "Input should" not in said
    assert said


@pytest.mark.parametrize("key", ["name", "currency", "time_zone", "languages", "phone_region"])
def test_a_missing_key_of_the_club_is_told_at_the_table(key):
    head = "\n".join(line for line in HEAD.splitlines() if not line.startswith(key))
    assert first(BASE, head=head) == (1, 1, f"club.{key} is missing")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("value_minor", "-1"),
        ("value_minor", "1_000_001"),
        ("value_minor", "1.5"),
        ("pending_days", "-1"),
        ("pending_days", "367"),
        ("pending_days", "true"),
        ("pending_days", '"3"'),
        ("cap_per_purchase", "0"),
        ("cap_per_purchase", "1_000_000_001"),
        ("expiry", "{ months = 0 }"),
        ("expiry", "{ months = 121 }"),
        ("expiry", '{ months = 6, at = "noon" }'),
        ("expiry", "{}"),
        ("expiry", "6"),
        ("expiry", '{ at = "day" }'),
        ("expiry", "{ months = 1, days = 1 }"),
        ("expiry", '{ months = 1, dates = ["03-31"] }'),
        ("expiry", "{ dates = [] }"),
        ("expiry", '{ dates = ["02-30"] }'),
        ("expiry", '{ dates = ["3-31"] }'),
        ("expiry", '{ dates = ["03-31"], min_days = 367 }'),
        ("expiry", "{ months = 1, min_days = 5 }"),
        ("expiry", '{ at = "month_end", sliding = true }'),
        ("expiry", '{ dates = ["03-31"], sliding = true }'),
        ("payment", "{ max_percent = 101 }"),
        ("payment", "{ step = 0 }"),
        ("payment", "{ minor_per_step = 5 }"),
        ("payment", "true"),
        ("rounding", '{ mode = "nearest" }'),
        ("rounding", '{ per = "unit" }'),
        ("bonus", "5"),
    ],
)
def test_a_key_of_the_points_out_of_its_limits_is_told_at_its_line(key, value):
    told = first("[points]", "# a remark", f"{key} = {value}", BASE)
    assert told[:2] == (9, 1)
    assert told[2].startswith(f"points.{key}")


@pytest.mark.parametrize("value", ["0", "367", '"long"', "1.5"])
def test_the_window_of_tiers_has_its_limits(value):
    assert first("[tiers]", f"  window_days = {value}", BASE)[:2] == (8, 3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", '"Gold Tier"'),
        ("id", '""'),
        ("id", f'"{"g" * 41}"'),
        ("spend_minor", "-1"),
        ("spend_minor", "1_000_000_000_001"),
        ("multiply", "-0.5"),
        ("multiply", "1000.5"),
        ("multiply", "nan"),
        ("multiply", "inf"),
        ("multiply", "1.0000001"),
        ("name", '{ de = "Gold" }'),
        ("name", '{ en = "" }'),
        ("colour", '"gold"'),
    ],
)
def test_a_tier_s_key_out_of_its_limits_is_told_at_its_line(key, value):
    keys = {"id": '"gold"', "spend_minor": "5"} | {key: value}
    table = ["[[tier]]", *(f"{name} = {text}" for name, text in keys.items())]
    told = first(*table, BASE)
    assert told[:2] == (7 + 1 + list(keys).index(key), 1)
    assert told[2].startswith(f"tier.{key}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", '"Base"'),
        ("id", '"base points"'),
        ("points", "0"),
        ("points", "-1"),
        ("points", "1_000_000_001"),
        ("points", "0.0000001"),
        ("points", "inf"),
        ("points", "true"),
        ("points", '"1"'),
        ("per_minor", '"100"'),
        ("per_minor", "true"),
        ("per_minor", "0"),
        ("per_minor", "-100"),
        ("per_minor", "1_000_000_000_001"),
        ("per", '"month"'),
        ("multiply", "-1"),
        ("multiply", "1001"),
        ("cap", "0"),
        ("cap", "1.5"),
        ("from", '"2026-01-01"'),
        ("from", "0"),
        ("from", "10:00:00"),
        ("from_", "2026-01-01"),
        ("until", "true"),
        ("when", "5"),
        ("lines", "[]"),
        ("name", '"Base"'),
        ("bonus", "1"),
    ],
)
def test_a_rule_s_key_out_of_its_limits_is_told_at_its_line(key, value):
    keys = {"id": '"base"', "points": "1", "per_minor": "100"} | {key: value}
    table = ["[[earn]]", *(f"{name} = {text}" for name, text in keys.items())]
    told = first(rule("first", points=1, per="line"), *table)
    assert told[:2] == (7 + 4 + 1 + list(keys).index(key), 1)
    assert told[2].startswith(f"earn.{key}")


@pytest.mark.parametrize(("key", "value"), [("id", '"City"'), ("id", '"1city"'), ("type", '"float"'), ("kind", '"x"')])
def test_an_attribute_s_key_out_of_its_limits_is_told_at_its_line(key, value):
    keys = {"id": '"city"'} | {key: value}
    told = first("[[attribute]]", *(f"{name} = {text}" for name, text in keys.items()), BASE)
    assert told[:2] == (7 + 1 + list(keys).index(key), 1)
    assert told[2].startswith(f"attribute.{key}")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "give one of points, formula and multiply"),
        ({"points": 1, "multiply": 2, "per_minor": 100}, "give one of points, formula and multiply"),
        ({"multiply": 2, "per_minor": 100}, "per_minor goes with points"),
        ({"multiply": 2, "per": "line"}, "multiply goes with neither per nor event"),
        ({"points": 1}, "say what the points are for"),
        ({"points": 1, "per_minor": 100, "per": "line"}, "say what the points are for"),
        ({"points": 1, "per": "purchase", "lines": "line.quantity > 1"}, "chooses no lines"),
    ],
)
def test_a_rule_gives_one_thing_and_can_fire(keys, said):
    told = first(BASE.strip(), rule("odd", **keys))
    assert told[:2] == (11, 1)
    assert said in told[2]


def test_a_rule_of_a_single_day_is_fine():
    assert programme(rule(points=1, per="line", from_="2026-02-01", until="2026-02-01")).rules


@pytest.mark.parametrize(
    ("tables", "place", "said"),
    [
        ((BASE.strip(), BASE.strip()), (12, 1), "the id 'base' of [[earn]] stands twice"),
        ((tier("gold", 1), tier("gold", 2), BASE), (12, 1), "the id 'gold' of [[tier]] stands twice"),
        (('[[attribute]]\nid = "city"',) * 2 + (BASE,), (10, 1), "the id 'city' of [[attribute]] stands twice"),
        ((tier("gold", 2), tier("silver", 1), BASE), (13, 1), "tier 'silver' must ask for more than tier 'gold'"),
        (
            (tier("gold", 2), tier("silver", 2), BASE),
            (13, 1),
            "tier 'silver' asks for the same as tier 'gold': the two overlap",
        ),
    ],
)
def test_ids_are_unique_and_tiers_climb(tables, place, said):
    ((*where, told),) = faults(*tables)
    assert tuple(where) == place
    assert told.startswith(said)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (tuple(rule(f"r{number}", points=1, per="line") for number in range(201)), "earn"),
        ((BASE, *(tier(f"t{number}", number) for number in range(25))), "tier"),
        ((BASE, *(f'[[attribute]]\nid = "a{number}"' for number in range(21))), "attribute"),
    ],
)
def test_there_are_at_most_so_many_of_each_table(tables, said):
    assert first(*tables)[2].startswith(said)


def test_as_many_as_there_may_be_are_taken():
    book = programme(
        *(rule(f"r{number}", points=1, per="line") for number in range(200)),
        *(tier(f"t{number}", number) for number in range(12)),
        *(f'[[attribute]]\nid = "a{number}"' for number in range(20)),
    )
    assert len(book.rules) == 200


def test_a_programme_without_rules_or_without_a_club_is_refused():
    assert "there is no [[earn]]" in first()[2]
    assert "club is missing" in first(BASE, head="")[2]


def test_a_table_that_nobody_knows_is_refused():
    assert first(BASE, "[habits]", 'x = "y"')[2] == "habits is not a key of the programme"


def test_every_fault_is_told_not_only_the_first():
    told = faults("[points]", "pending_days = -1", "value_minor = -1", rule("odd"), head=club("currency", '"usd"'))
    assert [fault[:2] for fault in told] == [(3, 1), (8, 1), (9, 1), (10, 1)]


# -- the file itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("[[earn]", 7),
        ("[points]\nvalue_minor =\n", 8),
        ("[points]\nvalue_minor = 1\nvalue_minor = 2\n", 9),
        ("x = y\n", 7),
    ],
)
def test_what_is_no_toml_is_told_at_its_line(table, line):
    told = first(table)
    assert told[0] == line
    assert told[1] >= 1
    assert "at line" not in told[2]


def test_a_file_has_a_size():
    remark = "#" * PROGRAMME_BYTES_MAX
    assert faults(remark, BASE) == [(1, 1, "the file is larger than 60,000 bytes")]
    filled = f"{HEAD}\n{BASE}\n"
    assert rulebook(filled + "#" * (PROGRAMME_BYTES_MAX - len(filled))).rules


def test_a_faulty_programme_says_so_in_one_text_too():
    with pytest.raises(ProgrammeFaulty, match=r"^line 10: earn\.points"):
        rulebook(HEAD + '\n[[earn]]\nid = "x"\npoints = 0\nper = "line"')


# -- conditions in the file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("when = 'purchase.unitz > 1'", (11, 17)),
        ('when = "purchase.unitz > 1"', (11, 17)),
        ("  when   =   'purchase.unitz > 1'", (11, 23)),
        ("# when = 'x'\nwhen = 'purchase.unitz > 1'", (12, 17)),
        ("cap = 5\nwhen = 'purchase.units > 1 && purchase.unitz > 1'", (12, 39)),
        ("when = '''purchase.unitz > 1'''", (11, 19)),
        ("when = '''purchase.units > 1 &&\n  purchase.unitz > 1'''", (12, 11)),
        ("when = '''\npurchase.unitz > 1\n'''", (12, 9)),
        ("when = '''\npurchase.units > 1 &&\n  purchase.unitz > 1\n'''", (13, 11)),
        ('when = """\n\n  purchase.unitz > 1"""', (13, 11)),
    ],
)
def test_a_condition_s_fault_is_told_where_it_stands_in_the_file(text, place):
    (told,) = faults(BASE.strip() + "\n" + text)
    assert told[:2] == place
    assert told[2] == "when of rule 'base': 'purchase.unitz' is not in the vocabulary; did you mean purchase.units?"


def test_the_fault_of_the_second_rule_is_told_at_the_second_rule():
    text = "lines = 'line.categry == 1'"
    (told,) = faults(BASE.strip(), '[[earn]]\nid = "second"\npoints = 1\nper = "line"\n' + text)
    assert told[:2] == (15, 14)
    assert told[2].startswith("lines of rule 'second': 'line.categry' is not in the vocabulary")


def test_the_faults_of_all_conditions_are_told_together():
    told = faults(
        rule("a", points=1, per="line", when="purchase.unitz > 1", lines="line.skew == 'x'"),
        rule("b", multiply=2, when="1 + 1"),
    )
    assert [fault[2].split(":")[0] for fault in told] == ["when of rule 'a'", "lines of rule 'a'", "when of rule 'b'"]


def test_a_condition_that_is_no_truth_is_told_at_its_first_letter():
    assert faults(BASE.strip() + "\nwhen = '1 + 1'") == [
        (11, 9, "when of rule 'base': must be true or false, but '1 + 1' is a int")
    ]


def test_one_mistake_in_the_only_rule_is_one_fault():
    assert len(faults(rule(points=0, per="line"))) == 1


def test_points_that_would_lapse_before_they_can_be_used_are_refused():
    told = first("[points]", "pending_days = 28", "expiry = { months = 1 }", BASE)
    assert told[0] in (7, 8, 9)
    assert "before they can be used" in told[2]
    assert programme(points(pending_days=27, expiry="{ months = 1 }"), BASE).rules


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 5000 + "]" * 5000, f"a = {'9' * 5000}", "a = 1e99999999999999999999"],
    ids=["deep", "long", "vast"],
)
def test_a_file_that_no_reader_can_stomach_is_a_fault_and_no_crash(text):
    assert faults(BASE, text)[0][2]


@pytest.mark.parametrize("key", ["when", "lines"])
@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_condition_is_a_mistake_and_not_always_true(key, text):
    assert faults(rule(points=1, per="line", **{key: text}))[0][2].startswith(f"{key} of rule 'base'")


def test_a_programme_can_be_asked_for_what_it_holds():
    book = programme(
        '[[attribute]]\nid = "city"', '[[attribute]]\nid = "kids"\ntype = "int"', '[[attribute]]\nid = "vegan"\ntype = "bool"',
        tier("gold", 5), points(pending_days=3), BASE, version=7,
    )  # fmt: skip
    assert book.version == 7
    assert book.zone.key == "America/New_York"
    assert book.rule("base").earn.per_minor == 100
    assert book.tier("gold") is not None
    assert (book.tier("silver"), book.tier("")) == (None, None)
    assert book.attribute_defaults == {"city": "", "kids": 0, "vegan": False}


@pytest.mark.parametrize(
    "when",
    [
        "member.tier == 'glod'",
        "member.tier != 'glod'",
        "member.tier in ['silver', 'glod']",
        'purchase.units > 1 && member.tier == "glod"',
    ],
)
def test_a_tier_that_the_programme_has_not_would_never_be_met(when):
    (told,) = faults(tier("silver", 1), tier("gold", 2), rule(points=1, per="line", when=when))
    assert told[0] == 19
    assert told[2] == "when of rule 'base': there is no tier 'glod'"


@pytest.mark.parametrize("when", ["member.tier == ''", "member.tier in ['silver', 'gold']", 'member.tier != "gold"'])
def test_the_programme_s_own_tiers_and_none_can_be_asked_for(when):
    assert programme(tier("silver", 1), tier("gold", 2), rule(points=1, per="line", when=when), version=0).rules


def test_factors_whose_decimals_no_row_could_keep_are_refused():
    """Each alone is fine; one after the other they make exact points of hundreds of digits."""
    factors = [f'[[earn]]\nid = "m{number}"\nmultiply = 1.000001' for number in range(150)]
    assert "more decimals" in first(BASE, *factors)[2]
    assert programme(BASE, factors[0], version=0).rules


def test_a_file_with_line_ends_of_windows_has_its_faults_in_the_same_places():
    text = "\n".join((HEAD.rstrip("\n"), BASE.strip(), "when = '''", "purchase.unitz > 1", "'''"))
    for written in (text, text.replace("\n", "\r\n")):
        with pytest.raises(ProgrammeFaulty) as refused:
            rulebook(written)
        assert refused.value.faults[0][:2] == (12, 9)
