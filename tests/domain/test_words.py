"""The word files: every sentence in every language, every sentence used, every blank filled."""

import string
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import get_args

import pytest
from babel import Locale

from shared.api.dormant_answers import dormant_rows
from shared.api.preferences_page import Choice, Done, broken_page, preferences_page
from shared.api.report_answers import report_sheets
from shared.api.return_answers import sentences as sentences_of_return
from shared.domain import sentences, told_guard, told_messages, told_offers, voice
from shared.domain.contact_tables import Contact
from shared.domain.coupons import Coupon
from shared.domain.guard import guarded, worst_cases
from shared.domain.ledger import packed
from shared.domain.messages import State
from shared.domain.offers import Silent, Why
from shared.domain.preferences import kinds
from shared.domain.printed import certificate_page, coupon_page
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.reports import Column, Report, Section
from shared.domain.rewards import Refusal
from shared.domain.rulebook import rulebook
from shared.domain.sentences import Speaker
from shared.domain.target_tables import Pays, Per
from shared.domain.told_contact import contact_rules
from shared.domain.told_messages import ToldReason
from shared.domain.told_targets import told_playbooks, told_targets
from shared.domain.vocabulary import EVENT_TERMS, LEDGER_TERMS, LINE_TERMS, MEMBER_TERMS, PURCHASE_TERMS, TERMS
from shared.domain.voice import LANGUAGES, words
from tests.domain.shop import BASE, CLUB, points, programme, rule, tier

OPERATORS = ("==", "!=", ">=", "<=", ">", "<")


def paths(table, above=()):
    """Every sentence of a file by its path."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from paths(value, (*above, key))
        else:
            yield (*above, key), value


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def without_plurals(language):
    return {path: text for path, text in paths(words(language)) if path[0] != "count"}


def test_every_sentence_stands_in_every_language():
    english = set(without_plurals("en"))
    for language in LANGUAGES:
        assert set(without_plurals(language)) == english, language
        assert set(words(language)["count"]) == set(words("en")["count"]), language


def test_no_sentence_is_empty_or_left_in_another_language():
    english = without_plurals("en")
    for language in ("he", "fa"):
        for path, text in without_plurals(language).items():
            assert text.strip(), path
            says_something = any(character.isalpha() for character in text.format(**dict.fromkeys(blanks(text), "")))
            assert text != english[path] or not says_something, f"{language}: {path} is still English"


def test_a_sentence_has_the_same_blanks_in_every_language():
    english = without_plurals("en")
    for language in LANGUAGES:
        for path, text in without_plurals(language).items():
            assert blanks(text) == blanks(english[path]), f"{language}: {path}"


def test_every_plural_of_the_language_is_there_and_the_last_shows_the_number():
    for language in LANGUAGES:
        needed = {Locale.parse(language).plural_form(number) for number in range(200)}
        for noun, forms in words(language)["count"].items():
            assert needed <= set(forms) | {"other"}, f"{language}: {noun}"
            assert set(forms) <= needed | {"other"}, f"{language}: {noun} has a plural that the language has not"
            assert blanks(forms["other"]) == {"n"}, f"{language}: {noun}"
            assert all(blanks(form) <= {"n"} for form in forms.values()), f"{language}: {noun}"


def test_hebrew_has_a_dual_of_everything_that_is_counted():
    for noun, forms in words("he")["count"].items():
        assert "two" in forms, noun
        assert "{n}" not in forms["one"] + forms["two"], noun


def test_every_word_of_the_vocabulary_has_its_name_in_every_language():
    names = {term.name for term in (*TERMS, *LINE_TERMS)}
    for language in LANGUAGES:
        assert set(words(language)["terms"]) == names, language


LIMITS = '[{ per = "day", points = 9 }, { per = "month", times = 3 }, { per = "year", times = 9 }, { per = "member", times = 9 }]'
SETS = (("points", "calendar_month"), ("balance", "calendar_year"), ("purchases", "anniversary"), ("points", "cycle"))
SETS = (*SETS, ("purchases", "calendar_year"), ("points", "lifetime"))


def everything(language):
    """All that can be said, with a programme that has one of each."""
    bought = [f"{term.name} == {term.example}" for term in PURCHASE_TERMS if term.type != "list"]
    clauses = [f"{term.name} == {term.example}" for term in MEMBER_TERMS if term.type != "list"]
    event_clauses = [f"{term.name} == {term.example}" for term in EVENT_TERMS]
    clauses += [f"purchase.units {operator} 2" for operator in OPERATORS]
    bought += [f"'x' in {term.name}" for term in PURCHASE_TERMS if term.type == "list"]
    clauses += [f"'x' in {term.name}" for term in MEMBER_TERMS if term.type == "list"]
    line_clauses = " && ".join(f"{term.name} == {term.example}" for term in LINE_TERMS if term.type != "map")
    line_clauses += " && line.labels['color'] == 'red'"
    kinds = {
        "amount": {"points": 1, "per_minor": 100, "cap": 5},
        "purchase": {"points": 5, "per": "purchase"},
        "line": {"points": 5, "per": "line"},
        "unit": {"points": 5, "per": "unit"},
        "product": {"points": 5, "per": "product"},
        "formula": {"formula": "1 + 1", "per": "line"},
        "multiply": {"multiply": 2},
    }
    tables = [rule(kind, **keys) for kind, keys in kinds.items()]
    tables += [rule(f"{kind}-l", lines=line_clauses, **keys) for kind, keys in kinds.items() if kind != "purchase"]
    tables += [
        rule("whole", points=1, per_minor=100, steps="whole", basis_cap_minor=900),
        rule("held", points=1, per="line", cooldown_days=3, stop="true", limits=LIMITS),
        rule("beside", points=1, per="purchase", needs_base="true"),
        rule("stamp", points=1, per="purchase", wallet="stamps"),
        rule("event", event="review", points=5, when=" && ".join(event_clauses)),
        '[[event]]\nid = "review"',
        '[[wallet]]\nid = "stamps"\ngoal = 10',
        *(
            f'[[achievement]]\nid = "{repeat}"\nrepeat = "{repeat}"\nwhen = "member.purchases >= 3"\npoints = 5'
            for repeat in ("never", "month", "year")
        ),
        rule("bought", when=" && ".join(bought), points=1, per="line"),
        rule("when", when=" && ".join(clauses), points=1, per="line"),
        rule("from", from_="2026-01-01", points=1, per="line"),
        rule("until", until="2026-01-01", points=1, per="line"),
        rule("between", from_="2026-01-01", until="2026-02-01", points=1, per="line"),
        tier("plain", 0),
        tier("gold", 5, 2),
    ]
    yield from everything_of_tiers(language)
    book = programme(*tables)
    speaker = Speaker(book, language)
    yield speaker.heading()
    yield from map(speaker.rule, book.rules)
    yield from map(speaker.tier, book.programme.tier)
    yield from map(speaker.rule, book.event_rules)
    yield from speaker.points_rules()
    yield from (speaker.achievement(one, when) for one, when in book.achievements)
    for kind in (*kinds, "event", "stamp", "achievement:never", "cap:line"):
        yield speaker.reason(Fired(kind, 2, Fraction(2)))
    for why in ("base", "limit", "cooldown", "stopped", "outdone", "formula"):
        yield speaker.reason(NotFired("line", why))
    yield speaker.not_active()
    yield from speaker.wallet("stamps", 3, 1)
    yield speaker.event("main", "review", "R-1", 5)
    yield from everything_of_wallets(language)
    yield from everything_of_rewards(language)
    yield from everything_of_offers(language)
    yield from everything_of_automations(language)
    yield from everything_of_the_guard(language)
    yield from everything_of_a_statement(language)
    yield from everything_of_targets(language)
    yield speaker.reason(Fired("amount", 900, Fraction(5), Fraction(9)))
    yield speaker.reason(Fired("tier:gold", 900, Fraction(5)))
    for rule_id in ("from", "until", "between"):
        yield speaker.reason(NotFired(rule_id, "dates"))
    yield speaker.reason(NotFired("line-l", "lines"))
    yield speaker.reason(NotFired("when", "when", 0, (5,)))
    yield speaker.reason(NotFired("when", "when", 1, ()))
    yield speaker.reason(NotFired("when", "when", clauses.index("member.tier == 'gold'"), ("",)))
    yield speaker.guest()
    yield speaker.repeated()
    yield speaker.joined()
    yield speaker.purchase("main", "A-1", 5)
    yield speaker.usable(date(2026, 1, 1), None)
    yield speaker.usable(date(2026, 1, 1), date(2026, 2, 1))
    yield from everything_of_points(language)
    yield from everything_of_contact(language)
    yield from everything_of_preferences(language)
    yield from everything_of_messages(language)
    yield from (
        cell for row in dormant_rows([], programme(BASE), language) for cell in row if cell and isinstance(cell, str)
    )
    day, known = date(2026, 1, 1), Section("figures", (Column("members", "number"),), ((None,),))
    sheets = report_sheets(Report("days", "USD", day, day, (known,), ("open",)), language)
    yield voice.Voice(language, "USD").say("report.of_month", club="Rimon", month="2026-10")
    yield from (str(cell) for rows in sheets.values() for row in rows for cell in row)


def everything_of_messages(language):
    reasons = [reason for part in get_args(ToldReason) for reason in get_args(part)]
    for state in get_args(State):
        for reason in reasons:
            yield told_messages.outcome(voice.Voice(language, "USD"), state, reason)


def everything_of_preferences(language):
    one = [Choice(kind, True) for kind in kinds(Contact(channels=("email", "sms")))]
    pages = [preferences_page("Rimon", language, LANGUAGES, one, done) for done in get_args(Done)]
    pages += [
        preferences_page("Rimon", language, LANGUAGES, []),
        broken_page(language),
        broken_page(language, "failed"),
    ]
    # A style has braces of its own.
    yield from (page.partition("</style>")[2] for page in pages)


def everything_of_contact(language):
    everything = """
        [contact]
        channels = ["email", "sms", "push", "whatsapp"]
        observes = ["sabbath", "jewish_holidays", "jewish_holidays_abroad", "iranian_holidays"]
        closed = ["12-25", "2026-08-01/2026-08-07", "2026-05-01", "jalali 01-13"]
        month_max_minor = { sms = 9 }
        sms_countries = ["IL"]
        locale_pack = "israel"
    """
    # As published: what is read so is not asked for contradictions, of which this has some.
    yield from contact_rules(Speaker(rulebook(f"{CLUB}\n{BASE}\n{everything}", 1), language))
    yield from contact_rules(Speaker(programme(BASE), language))


def everything_of_wallets(language):
    lives = (
        "{ months = 2 }",
        '{ months = 2, at = "year_end" }',
        '{ months = 2, at = "day" }',
        "{ days = 9, sliding = true }",
    )
    lives += ('{ at = "month_end" }', '{ at = "year_end" }', '{ dates = ["03-31", "09-30"] }')
    lives += ('{ dates = ["02-29"], min_days = 5 }',)
    wallet = '[[wallet]]\nid = "w"\nvalue_minor = 50\npending_days = 2\npayment = { step = 2, min_points = 4, max_percent = 50 }'
    card = '[[wallet]]\nid = "card"\ngoal = 10\nrewards_per_purchase = 2\nreward_pending_days = 3\nreward_stock = 9'
    money = '[[wallet]]\nid = "m"\ntop_up = true\nvalue_minor = 100\ndecimals = 2'
    for number, life in enumerate(lives):
        boundary = ("at_instant", "end_of_month")[number % 2]
        tables = (points(expiry=life), wallet, f"expiry = {life}", card, money, BASE)
        yield from Speaker(programme(*tables, f'[policies]\nexpiry_boundary = "{boundary}"'), language).points_rules()


def everything_of_rewards(language):
    card = programme('[[wallet]]\nid = "stamps"\ngoal = 10', BASE)
    yield Speaker(card, language).waiting("stamps", 2, date(2026, 1, 1))
    tea = '{ en = "Tea", he = "תה", fa = "چای" }'
    kinds = (
        'kind = "discount"\namount_minor = 500\nprice_by_tier = { gold = 3 }\ntiers = ["gold", "plain"]',
        'kind = "percent"\npercent = 12.5\nstock = 9\nfrom = 2026-01-01',
        'kind = "percent"\npercent = 10\nmax_minor = 900\nuntil = 2026-01-01',
        'kind = "product"\nsku = "A"\nquantity = 2\nenabled = false\nlimits = [{ per = "month", times = 2 }]',
        'kind = "gift_certificate"\namount_minor = 900\nwhen = "member.purchases > 3"',
        'kind = "gift_certificate"\namount_minor = 900\nexpiry = { months = 3 }\nfrom = 2026-01-01\nuntil = 2026-02-01',
        'kind = "stored_value"\namount_minor = 900\ninto = "m"\nwhen = "member.balance > 3 || member.purchases > 3"',
        f'kind = "club_only"\ntext = {tea}',
        'kind = "club_only"\nsku = "A"',
        'kind = "conversion"\ngives = 2\ninto = "m"\nauto_redeem_at = 7',
    )
    rewards = [f'[[reward]]\nid = "r{number}"\nprice = 5\n{kind}' for number, kind in enumerate(kinds)]
    money = '[[wallet]]\nid = "m"\nvalue_minor = 100\ndecimals = 2'
    speaker = Speaker(programme(tier("plain", 0), tier("gold", 5), money, BASE, *rewards), language)
    yield from map(speaker.reward, speaker.book.rewards)
    by_why = {"disabled": 3, "tier": 0, "limit": 3, "stock": 1, "points": 0}
    for why, number in by_why.items():
        yield speaker.refusal(speaker.book.rewards[number], Refusal(why, missing=5))
    for number in (1, 2, 5):
        yield speaker.refusal(speaker.book.rewards[number], Refusal("dates"))
    yield speaker.refusal(speaker.book.rewards[4], Refusal("condition", 0, (2,)))
    yield speaker.refusal(speaker.book.rewards[6], Refusal("condition", 0, (2, 3)))


def everything_of_a_statement(language):
    speaker = Speaker(programme(BASE), language)
    here = {"store": "main", "points": -5}
    yield speaker.entry("return", return_id="R-1", purchase_id="A-1", **here)
    yield speaker.entry("return_alone", return_id="R-1", **here)
    yield speaker.entry("difference", id="A-1", **here)
    for kind in ("hold", "capture", "void", "reversal"):
        yield speaker.entry(kind, what="", **here)
    yield speaker.entry("expiry", day=date(2026, 1, 1), points=-5)
    yield speaker.entry("adjust", points=5, text="sorry.")
    yield speaker.entry("extend", points=5, day=date(2026, 1, 1), text="ill.")
    yield speaker.entry("reinstate", points=5, day=date(2026, 1, 1), text="ill.")
    yield speaker.entry("merge_in", points=5, member_id="M2")
    yield speaker.entry("merge_out", points=-5, member_id="M2")
    yield speaker.entry("opening", points=5)
    yield speaker.entry("end", issued=2, lapsed=0)
    yield speaker.entry("transfer_out", points=5, text="a gift.")
    yield speaker.entry("transfer_in", points=5, text="a gift.")
    yield speaker.entry("issue", amount_minor=500)
    yield speaker.entry("capture", what="", wallet="certificate", **here)
    for kept in ({}, {"points": 5}):
        yield from sentences_of_return({"rt": packed([kept, kept, kept, kept, kept])}, speaker)


def everything_of_automations(language):
    days = [f'on = "{on}"\n{more}' for on in ("birthday", "anniversary", "date") for more in ("", "days_before = 3\n")]
    kinds = [f"{day}points = 5\n" + ("day = 2026-03-01" if "date" in day else "") for day in days]
    kinds += [
        'on = "state"\nwhen = "member.purchases > 2"\npoints = 5\nvalid_days = 3',
        'on = "birthday"\npoints = 5\nholdout = 0\nno_holdout_because = "All"\nbudget = 50\nenabled = false',
    ]
    kinds.append(f"{kinds[6]}\nevery_days = 30")
    kinds += [f'on = "{on}"\nmessage = {{ template = "welcome" }}' for on in ("join", "purchase", "return")]
    kinds.append(
        'on = "purchase"\nevery_days = 9\npoints = 5\nmessage = { template = "welcome", channels = ["email"] }'
    )
    kinds += [
        'on = "birthday"\noffer = "pair"',
        'on = "join"\ntags = ["new"]\nuntags = ["old", "gone"]',
        'on = "join"\nstaff_note = "Call"',
        'on = "birthday"\noffer = "back"',
        'on = "birthday"\npoints = 5\noffer = "back"',
    ]
    asked = [f"'x' in {term.name}" if term.type == "list" else f"{term.name} == 1" for term in LEDGER_TERMS]
    kinds.append(f'on = "state"\nwhen = "{" && ".join(asked)}"\npoints = 5')
    automations = [f'[[automation]]\nid = "a{number}"\n{kind}' for number, kind in enumerate(kinds)]
    offer = '[[offer]]\nid = "back"\npercent = 20\npersonal = true\nvalid_days = 30'
    three = '[[offer]]\nid = "three"\nbuy = 3\nget = 1\npersonal = true\nvalid_days = 30'
    pair = three.replace("three", "pair").replace("3\n", '1\ninstead = "three"\n')
    segment = '[[segment]]\nid = "all"\nwhen = "member.purchases > 2"'
    campaign = '[[campaign]]\nid = "c"\nsegment = "all"\npoints = 5\nbudget = 50'
    speaker = Speaker(programme(BASE, offer, pair, three, segment, campaign, *automations), language)
    yield from map(speaker.automation, speaker.book.automations)
    yield from map(speaker.automation, speaker.book.campaigns)
    yield speaker.entry("due", what="a1", points=5, wallet="points")
    yield speaker.entry("due_nothing", what="a1")
    yield speaker.entry("due_coupon", what="a1", offer="back", day=date(2026, 3, 1))
    yield speaker.entry("due_both", what="a1", points=5, wallet="points", offer="back", day=date(2026, 3, 1))


def everything_of_offers(language):
    some = """lines = "line.sku == 'CD-1'\""""
    sizes = ("percent = 5", "amount_minor = 500", 'formula = "5 + member.purchases"')
    kinds = [f'{size}\noff = "{off}"\n{lines}' for size in sizes
             for off in ("purchase", "line", "unit", "cheapest") for lines in ("", some)]  # fmt: skip
    kinds += [
        f"buy = 2\nget = 1\n{more}"
        for more in ("", "percent = 50", "on_top = true", f"{some}\nget_{some}\nwhole_sets = true")
    ]
    kinds += [
        "percent = 5\npersonal = true\nvalid_days = 30",
        "earns_only = true",
        f"earns_only = true\n{some}",
        'percent = 5\noff = "unit"\nmax_units = 2\nmax_minor = 9\nmin_total_minor = 9\nmin_units = 2\ncode = "SAVE"',
        (
            'percent = 5\nstock = 9\nbudget_minor = 900\ntiers = ["gold"]\nenabled = false\nfrom = 2026-01-01\n'
            'when = "purchase.units > 2"'
        ),
        "percent = 5\nguests = true\nuntil = 2026-01-01",
        f"percent = 5\nfrom = 2026-01-01\nuntil = 2026-02-01\nlimits = {LIMITS_OF_TIMES}",
    ]
    offers = [f'[[offer]]\nid = "o{number}"\n{kind}' for number, kind in enumerate(kinds)]
    speaker = Speaker(programme(tier("gold", 5), BASE, *offers), language)
    yield from map(speaker.offer, speaker.book.offers)
    printed = coupon_page(speaker, speaker.book.offers[0], Coupon("o0", "a.2026-03-01", date(2026, 3, 31), 1), "0" * 12)
    yield printed.partition("</style>")[2]
    certificate = certificate_page(speaker, 5_000, date(2026, 12, 31), date(2026, 3, 1), "0" * 12)
    yield certificate.partition("</style>")[2]
    for minor, free in ((500, 0), (500, 2), (0, 2)):
        yield told_offers.applied(speaker, "o1", minor, free)
    yield told_offers.applied(speaker, f"o{kinds.index('earns_only = true')}", 0, 0)
    yield told_offers.applied(speaker, "o1", 500, 0, lowered=True)
    for why in get_args(Why):
        yield told_offers.silent(speaker, Silent(f"o{len(kinds) - 3}", why))
    for number in (len(kinds) - 2, len(kinds) - 1):
        yield told_offers.silent(speaker, Silent(f"o{number}", "dates"))


def everything_of_targets(language):
    targets = [
        f'[[target]]\nid = "{per}-{bound[3:]}"\nfigure = "members"\nper = "{per}"\n{bound} = 5'
        for per in get_args(Per)
        for bound in ("at_least", "at_most")
    ]
    budgets = [
        f'[[budget]]\nid = "{per}-{pays}"\npays = "{pays}"\nper = "{per}"\namount_minor = 500'
        for per in get_args(Per)
        for pays in get_args(Pays)
    ]
    gift = '[[automation]]\nid = "gift"\non = "birthday"\npoints = 5\nbudget = 9'
    deeds = (
        'switch_off = "gift"',
        'switch_on = "gift"',
        'notify = "Call"',
        'raise_budget = "gift"\nraise_by = 5\nraise_up_to = 99',
    )
    books = [f'[[playbook]]\nid = "p{at}"\nwhen = "day.joins == 0"\n{deed}' for at, deed in enumerate(deeds)]
    speaker = Speaker(programme(BASE, gift, *targets, *budgets, *books), language)
    yield from told_targets(speaker)
    yield from told_playbooks(speaker)


def everything_of_the_guard(language):
    costs = [
        'sku = "A"\npercent = 10',
        'category = "b"\npercent = 85',
        'category = "c"\nunit_minor = 5',
        "unit_minor = 5",
    ]
    margin = "[margin]\nfloor_percent = 10\ntax_percent = 5\n" + "".join(f"[[cost]]\n{cost}\n" for cost in costs)
    kinds = (
        "percent = 15\nlines = \"line.category in ['b', 'c']\"",
        "amount_minor = 5\nlines = \"line.category == 'z'\"",
        "buy = 1\nget = 1",
    )
    offers = [f'[[offer]]\nid = "o{number}"\n{kind}' for number, kind in enumerate(kinds)]
    for tables in ((margin, *offers), (margin, offers[0]), (margin, offers[1]), offers[2:]):
        book = programme(BASE, *tables)
        speaker = Speaker(book, language)
        yield from (told_guard.case(speaker, one) for one in worst_cases(book))
        for units in (0, 2):
            yield from told_guard.verdict(speaker, guarded(book.offers[-1], units, book))


LIMITS_OF_TIMES = '[{ per = "month", times = 3 }]'


def everything_of_tiers(language):
    for basis, window in SETS:
        head = f'[tiers]\nbasis = "{basis}"\nwindow = "{window}"'
        vip = '[[tier]]\nid = "vip"\nat_least = 3\nbenefits = [{ en = "Tea", he = "תה", fa = "چای" }]'
        yield from (
            Speaker(programme(head, vip, BASE), language).tier(one) for one in programme(head, vip, BASE).programme.tier
        )


def everything_of_points(language):
    base = rule(points=1, per_minor=100)
    for mode in ("floor", "half_up", "ceil"):
        for per in ("purchase", "rule", "line"):
            keys = {"rounding": f'{{ mode = "{mode}", per = "{per}" }}', "cap_per_purchase": 1}
            speaker = Speaker(programme(points(**keys), base), language)
            yield from speaker.points_rules()
            yield from speaker.total(Earned(1, Fraction(5, 2), ()))
    yield from Speaker(programme(base), language).total(Earned(2, Fraction(2), ()))
    for at in ("day", "month_end"):
        keys = {"value_minor": 5, "pending_days": 3, "expiry": f'{{ months = 2, at = "{at}" }}'}
        yield from Speaker(programme(points(**keys), base), language).points_rules()


class Noticed(dict):
    """A table of words that remembers which of them were asked for."""

    def __init__(self, table, seen, above=()):
        super().__init__(
            {
                key: Noticed(value, seen, (*above, key)) if isinstance(value, dict) and above == () else value
                for key, value in table.items()
            }
        )
        self.seen, self.above = seen, above

    def __getitem__(self, key):
        self.seen.add((*self.above, key))
        return super().__getitem__(key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_and_is_used_somewhere(language, monkeypatch):
    seen = set()
    noticed = Noticed(words(language), seen)
    for module in (sentences, voice):
        monkeypatch.setattr(module, "words", lambda _: noticed)
    for sentence in everything(language):
        assert "{" not in sentence
        assert "}" not in sentence
        assert sentence.strip()
    written = {path[:2] for path, _ in paths(dict(words(language)))}
    assert written - seen == set()
