"""Every route of the API on one page: who serves it, which scope or which groups open it, how fast it may be called.

`infra` builds the gateway from these tables, the gate checks scopes against them, the office checks groups, the resolvers
register them.
"""

from __future__ import annotations

from typing import NamedTuple


class Route(NamedTuple):
    """One route. `rate_per_s` and `burst` are the gateway's throttle over all callers together; `operation` is what a
    generated client calls it."""

    method: str
    path: str
    function: str
    scope: str
    rate_per_s: int
    burst: int
    summary: str
    operation: str

    @property
    def key(self) -> str:
        """The gateway's route key, for example `POST /v1/purchases`."""
        return f"{self.method} {self.path}"


# Look-ups by phone or e-mail are the door a thief would try, so they are the slowest.
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/purchases", "purchase", "purchases:write", 1000, 2000,
          "Record a purchase; points follow, once", "record_purchase"),
    Route("POST", "/v1/quotes", "purchase", "quotes:write", 1000, 2000,
          "What would this purchase earn? Writes nothing", "quote_purchase"),
    Route("GET", "/v1/purchases/{store}/{purchase_id}", "purchase", "purchases:read", 500, 1000,
          "A purchase and its reasons", "get_purchase"),
    Route("POST", "/v1/returns", "purchase", "returns:write", 500, 1000,
          "Record a return; what was earned is undone in proportion, once", "record_return"),
    Route("GET", "/v1/returns", "purchase", "returns:read", 50, 100,
          "Returns that wait for their purchase", "list_returns"),
    Route("GET", "/v1/returns/{store}/{return_id}", "purchase", "returns:read", 500, 1000,
          "A return and what it undid", "get_return"),
    Route("POST", "/v1/redemptions", "purchase", "redemptions:write", 500, 1000,
          "Hold points for a reward or a payment", "hold_redemption"),
    Route("POST", "/v1/redemptions/{redemption_id}/capture", "purchase", "redemptions:write", 500, 1000,
          "Take what is held, all or a part", "capture_redemption"),
    Route("POST", "/v1/redemptions/{redemption_id}/void", "purchase", "redemptions:write", 500, 1000,
          "Give back what is held", "void_redemption"),
    Route("POST", "/v1/redemptions/{redemption_id}/reverse", "purchase", "redemptions:write", 200, 400,
          "Give back what was taken, all or a part", "reverse_redemption"),
    Route("POST", "/v1/certificates", "purchase", "certificates:write", 50, 100,
          "Issue a gift certificate; its code is told here", "issue_certificate"),
    Route("POST", "/v1/certificates/lookup", "purchase", "certificates:find", 50, 100,
          "What is left on the certificate of this code?", "find_certificate"),
    Route("POST", "/v1/certificates/print", "purchase", "certificates:find", 50, 100,
          "A gift certificate to print, with its QR code", "print_certificate"),
    Route("POST", "/v1/coupons/validate", "purchase", "coupons:find", 50, 100,
          "Can this member use this coupon, and what does it take off?", "validate_coupon"),
    Route("POST", "/v1/events", "purchase", "events:write", 500, 1000,
          "A member's activity: points for it, once", "record_event"),
    Route("POST", "/v1/members", "member", "members:write", 200, 400,
          "A person joins the club", "join_member"),
    Route("POST", "/v1/members/lookup", "member", "members:find", 50, 100,
          "Whose card, phone, e-mail or ID is this?", "find_member"),
    Route("GET", "/v1/members/{member_id}", "member", "members:read", 500, 1000,
          "Balance, pending, tier, next expiry", "get_member"),
    Route("GET", "/v1/members/{member_id}/statement", "member", "members:read", 200, 400,
          "Every entry with its reason", "get_statement"),
    Route("GET", "/v1/members/{member_id}/rewards", "member", "members:read", 200, 400,
          "What points buy, and what stands in the way", "get_rewards"),
    Route("GET", "/v1/members/{member_id}/offers", "member", "members:read", 200, 400,
          "What is taken off a member's purchases: everybody's offers and personal ones", "get_offers"),
    Route("GET", "/v1/members/{member_id}/messages", "member", "members:read", 200, 400,
          "What the club said to a member, or did not, and why", "get_messages"),
    Route("GET", "/v1/members/{member_id}/offers/{coupon}/certificate", "member", "members:read", 200, 400,
          "A coupon to print, with its QR code", "get_coupon_certificate"),
    Route("POST", "/v1/members/{member_id}/zone", "member", "members:write", 100, 200,
          "The clock that a member lives by from now on", "move_member"),
    Route("POST", "/v1/members/{member_id}/devices", "member", "members:write", 100, 200,
          "A phone that messages may be pushed to", "register_device"),
    Route("POST", "/v1/members/{member_id}/devices/forget", "member", "members:write", 100, 200,
          "Nothing is pushed to this phone any more", "forget_device"),
    Route("GET", "/v1/programme/rules", "member", "programme:read", 200, 400,
          "The club's rules, for people", "get_rules"),
)  # fmt: skip


# Who works here, each group with what it is for. `infra` makes them in the pool; a person may be in several.
GROUPS: dict[str, str] = {
    "clerk": "Serves members: looks at balance and statement",
    "manager": "Leads a shop or the service: what clerks may, and small corrections",
    "finance": "Answers for the sums: large corrections, adjustments, what points cost",
    "owner": "Answers for the club: everything that staff may do",
}


class StaffRoute(NamedTuple):
    """A route for people who work here: the gateway checks the token, the office that one of `groups` is in it."""

    method: str
    path: str
    function: str
    groups: tuple[str, ...]
    rate_per_s: int
    burst: int
    summary: str
    operation: str

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


_ALL_STAFF = tuple(GROUPS)
_LEADING = ("manager", "finance", "owner")
_ANSWERING = ("finance", "owner")

# People at a desk: a few requests a second is a busy office, and a stolen token copies no club in an hour.
STAFF_ROUTES: tuple[StaffRoute, ...] = (
    StaffRoute("GET", "/v1/staff/me", "office", _ALL_STAFF, 20, 40,
               "Who am I, and what may my groups do?", "get_staff"),
    StaffRoute("GET", "/v1/staff/members/{member_id}", "office", _ALL_STAFF, 20, 40,
               "A member's balance, pending, tier, next expiry, for staff", "get_staff_member"),
    StaffRoute("GET", "/v1/staff/members/{member_id}/statement", "office", _ALL_STAFF, 20, 40,
               "A member's entries with their reasons, for staff", "get_staff_statement"),
    StaffRoute("GET", "/v1/staff/members/{member_id}/messages", "office", _ALL_STAFF, 20, 40,
               "What the club said to a member, or did not, and why, for staff", "get_staff_messages"),
    StaffRoute("POST", "/v1/adjustments", "office", _LEADING, 10, 20,
               "Give or take points by hand; much of it waits for a second person", "adjust_balance"),
    StaffRoute("GET", "/v1/adjustments", "office", _LEADING, 10, 20,
               "Adjustments that wait for a second person", "list_adjustments"),
    StaffRoute("POST", "/v1/adjustments/{adjustment_id}/approve", "office", _ANSWERING, 10, 20,
               "Approve an adjustment that somebody else asked for", "approve_adjustment"),
    StaffRoute("POST", "/v1/adjustments/{adjustment_id}/refuse", "office", _ANSWERING, 10, 20,
               "Refuse an adjustment that waits", "refuse_adjustment"),
    StaffRoute("POST", "/v1/extensions", "office", _ANSWERING, 10, 20,
               "Let points live longer", "extend_points"),
    StaffRoute("POST", "/v1/reinstatements", "office", _ANSWERING, 10, 20,
               "Bring back points that lapsed, once", "reinstate_points"),
    StaffRoute("POST", "/v1/merges", "office", _ANSWERING, 10, 20,
               "Make one membership of two", "merge_members"),
    StaffRoute("GET", "/v1/marketing", "office", _ALL_STAFF, 10, 20,
               "Does marketing go, and who or what has stopped it?", "get_marketing"),
    StaffRoute("POST", "/v1/marketing", "office", _LEADING, 5, 10,
               "Stop all marketing, or let it go again", "set_marketing"),
    StaffRoute("GET", "/v1/automations", "office", _ALL_STAFF, 5, 10,
               "The automations, whether they are on, and their counts", "list_automations"),
    StaffRoute("POST", "/v1/automations/{automation_id}", "office", _LEADING, 5, 10,
               "Switch an automation off, or on again", "switch_automation"),
    StaffRoute("GET", "/v1/playbooks", "office", _LEADING, 2, 10,
               "What was decided in advance, what it came to on a day, and when it was done", "list_playbooks"),
    # It reads every account, so it is the slowest: one that is asked for all day costs money.
    StaffRoute("GET", "/v1/reports/dormant", "office", _LEADING, 1, 5,
               "Who bought often and then fell silent; as JSON, CSV or XLSX", "get_dormant_report"),
    StaffRoute("GET", "/v1/reports/{report}", "office", _LEADING, 2, 10,
               "The club's figures, of days or of a month; as JSON, CSV or XLSX", "get_report"),
)  # fmt: skip


class PublicRoute(NamedTuple):
    """A route that anybody may take, without a key, and why that harms nobody."""

    method: str
    path: str
    function: str
    rate_per_s: int
    burst: int
    summary: str
    reason: str

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


# The only ones without the gate. Slow: they are for people, and a flood of them must cost nothing.
PUBLIC_ROUTES: tuple[PublicRoute, ...] = (
    PublicRoute("GET", "/docs", "docs", 10, 20, "The API's page for people",
                "It is the same for every club and reads no table: what it shows is the document."),
    PublicRoute("GET", "/openapi.json", "docs", 10, 20, "The API as an OpenAPI document",
                "It is made from public code, and whoever writes a storefront needs it before there is a key."),
    PublicRoute("GET", "/v1/preferences/{token}", "page", 50, 100, "What a member lets the club write, for them to see",
                "Its link is signed, says nothing of who it is, and shows no more than what may be chosen. It writes nothing."),
    PublicRoute("POST", "/v1/preferences/{token}", "page", 50, 100, "What a member lets the club write, as they choose",
                "Unsubscribing needs no login (RFC 8058), and its signed link changes one member's consents alone."),
)  # fmt: skip

EVERY_ROUTE: tuple[Route | StaffRoute | PublicRoute, ...] = (*ROUTES, *STAFF_ROUTES, *PUBLIC_ROUTES)

SCOPES: tuple[str, ...] = tuple(sorted({route.scope for route in ROUTES}))
SCOPE_OF_ROUTE: dict[str, str] = {route.key: route.scope for route in ROUTES}
