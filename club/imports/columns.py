"""Which column of a file is what: by its name in English, Hebrew or Persian, or as the operator says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from club.load.problems import FileUnusable

# Names by letters and digits alone; the first that is there counts.
PURCHASES: Mapping[str, tuple[str, ...]] = {
    "purchase_id": ("purchaseid", "purchase", "invoiceno", "invoice", "orderid", "orderno", "ordernumber", "order", "receipt",
                    "receiptno", "transactionid",
                    "מספרקנייה", "חשבונית", "מספרהזמנה", "קבלה", "شمارهخرید", "فاکتور", "شمارهسفارش"),
    "occurred_at": ("occurredat", "date", "invoicedate", "orderdate", "purchasedate", "datetime", "timestamp", "createdat",
                    "transactiondate", "paidat", "day", "תאריך", "תאריךקנייה", "تاریخ", "تاریخخرید"),
    "buyer": ("buyer", "customerid", "customer", "customerno", "card", "cardno", "memberid", "member", "phone", "email",
              "clientid", "customernumber", "customeremail", "userid",
              "כרטיס", "לקוח", "מספרלקוח", "טלפון", "مشتری", "کارت", "شمارهمشتری", "تلفن"),
    "sku": ("sku", "stockcode", "productid", "product", "itemid", "item", "articleno", "article", "מקט", "מוצר",
            "کالا", "کدکالا"),
    "category": ("category", "department", "productgroup", "קטגוריה", "מחלקה", "دسته"),
    "quantity": ("quantity", "qty", "units", "כמות", "تعداد"),
    "unit_price": ("unitprice", "price", "itemprice", "מחיר", "מחירליחידה", "قیمت", "قیمتواحد"),
    "amount": ("amount", "total", "linetotal", "totalprice", "revenue", "sales", "spend", "dollarvalue", "subtotal",
               "סכום", "סהכ", "مبلغ", "جمع"),
    "store": ("store", "shop", "branch", "חנות", "סניף", "فروشگاه", "شعبه"),
    "channel": ("channel", "ערוץ", "کانال"),
}  # fmt: skip
# What `club assess` looks for: as many of the same as tell who bought, when and for how much, and what the goods cost.
ASSESSED: Mapping[str, tuple[str, ...]] = {
    **{what: PURCHASES[what] for what in ("buyer", "occurred_at", "amount", "quantity", "unit_price")},
    "purchase_id": (*PURCHASES["purchase_id"], "name"),
    "amount_minor": ("amountminor", "totalminor"),
    "cost": ("cost", "linecost", "totalcost", "cogs", "עלות", "هزینه"),
    "unit_cost": ("unitcost", "costperunit", "itemcost", "עלותליחידה"),
}  # fmt: skip
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "fullname", "customername", "firstname", "שם", "שםמלא", "نام"),
    "card": ("card", "cardno", "customerid", "customer", "memberid", "כרטיס", "מספרלקוח", "کارت"),
    "phone": ("phone", "mobile", "telephone", "טלפון", "נייד", "تلفن", "موبایل"),
    "email": ("email", "mail", "דואל", "אימייל", "ایمیل"),
    "birthday": ("birthday", "birthdate", "dateofbirth", "יוםהולדת", "תאריךלידה", "تولد", "تاریختولد"),
    "joined_at": ("joinedat", "joined", "since", "membersince", "תאריךהצטרפות", "عضویت", "تاریخعضویت"),
    "language": ("language", "lang", "שפה", "زبان"),
}  # fmt: skip


def columns_of(
    header: Sequence[str],
    names: Mapping[str, tuple[str, ...]],
    said: Mapping[str, str],
    needed: Sequence[tuple[str, ...]],
) -> dict[str, int]:
    """The place of each column that is known. `needed`: of each of these one has to be there. Raises FileUnusable."""
    plain = {_plain(name): place for place, name in reversed(list(enumerate(header)))}
    found = {
        what: place for what, some in names.items() for name in reversed(some) if (place := plain.get(name, -1)) >= 0
    }
    for what, name in said.items():
        if what not in names or name not in header:
            raise FileUnusable(
                f"--map {name}={what}: left one of {', '.join(header)}; right one of {', '.join(names)}."
            )
        found[what] = header.index(name)
    for some in needed:
        if not any(what in found for what in some):
            raise FileUnusable(
                f"No column is known as {' or '.join(some)}; the file has {', '.join(header)}. Say which one it is: "
                f"--map NAME={some[0]}."
            )
    return found


def said_in(text: str) -> dict[str, str]:
    """`Invoice=purchase_id,Client=buyer` by what it is. Raises FileUnusable."""
    said = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, sign, what = part.rpartition("=")
        if not sign or not name or not what:
            raise FileUnusable(f"--map {part!r} is not written as COLUMN=WHAT.")
        said[what.strip()] = name.strip()
    return said


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())
