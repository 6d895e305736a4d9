"""What a draft must not say of writing to members: channels that nothing serves, mail from nobody, hours that never end."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.automation_tables import AutomaticMessage, Giver
from shared.domain.contact_tables import Contact
from shared.domain.contacts import ContactInvalid, email_canonical, is_phone_region
from shared.domain.faults import Fault, place
from shared.domain.letter_facts import facts_lacking
from shared.domain.letter_templates import BY_NAME
from shared.domain.programme import Programme

Said = Iterator[Fault]


def contradictions_of_contact(text: str, programme: Programme) -> Said:
    for key, told in _told(programme.contact):
        yield Fault(*place(text, ("contact", key)), told)


def contradictions_of_messages(text: str, programme: Programme) -> Said:
    """Of what automations and campaigns write: by channels that the club does not send by, or of what they do not give."""
    served = programme.contact.channels
    both: tuple[tuple[str, tuple[Giver, ...]], ...] = (
        ("automation", programme.automation), ("campaign", programme.campaign),
    )  # fmt: skip
    for table, givers in both:
        for index, one in enumerate(givers):
            if one.staff_note is not None and (programme.contact.staff_email is None or "email" not in served):
                told = f"{table} {one.id!r} writes to staff, and [contact] has no staff_email or does not send by email"
                yield Fault(*place(text, (table, index, "staff_note")), told)
            if one.message is None:
                continue
            where = place(text, (table, index, "message"))
            told = f"{table} {one.id!r}"
            yield from (Fault(*where, said) for said in _of_the_letter(told, one, one.message))
            if not served:
                yield Fault(*where, f"{told} writes to members, and [contact] has no channels")
            for channel in one.message.channels:
                if served and channel not in served:
                    yield Fault(*where, f"{told} writes by {channel}, which is none of [contact] channels")


def _of_the_letter(told: str, one: Giver, message: AutomaticMessage) -> Iterator[str]:
    """What stands in the way of writing the letter: no such template, a case too many, a fact that nothing would tell it."""
    template = BY_NAME.get(message.template)
    if template is None:
        yield f"there is no template {message.template!r}: there is {', '.join(BY_NAME)}"
        return
    if (message.case in template.cases) != bool(template.cases) or (message.case is not None and not template.cases):
        yield f"the template {template.name!r} has the cases {', '.join(template.cases) or 'none'}"
    if template.purpose == "marketing" and message.purpose != "marketing":
        yield f"the template {template.name!r} is marketing: it is not what a member's own doings call for"
    for lacking in facts_lacking(one, message):
        yield f"the template {template.name!r} tells {lacking}, and {told} gives none"


def _told(contact: Contact) -> Iterator[tuple[str, str]]:
    """Each contradiction by the key at which it stands."""
    for key in ("channels", "observes", "closed", "link_hosts", "sms_countries"):
        listed = getattr(contact, key)
        if len(set(listed)) < len(listed):
            yield key, f"an entry of {key} stands twice"
    if "whatsapp" in contact.channels:
        yield "channels", "nothing sends by whatsapp yet"
    if {"jewish_holidays", "jewish_holidays_abroad"} <= set(contact.observes):
        yield "observes", "the Jewish holidays are kept either as in Israel or as abroad"
    if contact.day_max > contact.week_max:
        yield "day_max", "day_max is above week_max: within a day there may not be more than within a week"
    if contact.quiet_hours.from_ == contact.quiet_hours.until:
        yield "quiet_hours", "quiet_hours end where they begin: nobody could ever be written to, or everybody always"
    yield from _of_mail(contact)
    yield from _of_sms(contact)
    for key in ("price_minor", "month_max_minor"):
        for channel in getattr(contact, key):
            if channel not in contact.channels:
                yield key, f"{key} speaks of {channel}, which is none of the channels"
    for channel in contact.month_max_minor:
        if channel in contact.channels and channel not in contact.price_minor:
            yield "month_max_minor", f"month_max_minor holds for {channel}, but price_minor does not say what it costs"


def _of_mail(contact: Contact) -> Iterator[tuple[str, str]]:
    for name in ("sender_email", "staff_email", "finance_email"):
        if (address := getattr(contact, name)) is not None:
            try:
                email_canonical(address)
            except ContactInvalid as refusal:
                yield name, f"{name} {refusal.reason}"
    if contact.finance_email is not None and "email" not in contact.channels:
        yield "finance_email", "finance is written to by email, which is none of the channels"
    if "email" in contact.channels:
        for key, why in (
            ("sender_email", "where it comes from"),
            ("sender_address", "the postal address of who writes"),
        ):
            if getattr(contact, key) is None:
                yield "channels", f"mail has to say {why}: {key} is missing"
        if not contact.link_hosts:
            yield "channels", "mail holds links, and link_hosts names no host that they may lead to"


def _of_sms(contact: Contact) -> Iterator[tuple[str, str]]:
    if "sms" in contact.channels and not contact.sms_countries:
        yield "channels", "sms goes to the countries of sms_countries alone, and there is none"
    for country in contact.sms_countries:
        if not is_phone_region(country):
            yield "sms_countries", f"{country!r} is not a country that phones can be dialled in, such as IL"
