"""The codes with which X12's 855 and 865 answer and change an order.

Source: elements 353 (BAK01, BCA01), 587 (BAK02, BCA02), 668 (ACK01) and 670 (POC02) of 004010
(public code lists, read 2026-11). The words of the codes are ours.
"""

from purchasing.documents import Promise

_ACCEPTED, _BACKORDERED, _REJECTED = Promise.ACCEPTED, Promise.BACKORDERED, Promise.REJECTED

STATUSES = {
    "AC": (_ACCEPTED, "Shipped"),
    "AR": (_ACCEPTED, "Released for shipment"),
    "BP": (_ACCEPTED, "Partial shipment, balance backordered"),
    "DR": (_ACCEPTED, "Date rescheduled"),
    "IA": (_ACCEPTED, ""),
    "IB": (_BACKORDERED, ""),
    "IC": (_ACCEPTED, "With changes"),
    "ID": (_REJECTED, "Deleted"),
    "IE": (_ACCEPTED, "Price pending"),
    "IF": (None, "on hold, its description is incomplete"),
    "IH": (None, "on hold"),
    "IP": (_ACCEPTED, "Price changed"),
    "IQ": (_ACCEPTED, "Quantity changed"),
    "IR": (_REJECTED, ""),
    "IS": (_ACCEPTED, "Substitution made"),
    "IW": (None, "on hold, a waiver is required"),
    "R1": (_REJECTED, "Not a contract item"),
    "R2": (_REJECTED, "Invalid item number"),
    "R3": (_REJECTED, "Invalid unit"),
    "R4": (_REJECTED, "Contract item not available"),
    "R5": (_REJECTED, "To be ordered again as just in time"),
    "R6": (_REJECTED, "To be ordered again for extended delivery"),
    "R7": (_REJECTED, "To be ordered again as a drop shipment"),
    "R8": (_REJECTED, "To be ordered again as a surge order"),
    "SP": (_ACCEPTED, "Date pending"),
}
"""ACK01: what each code promises, and what it adds to that; None is for a person."""

WHOLE = {
    **dict.fromkeys(("AC", "AD", "AE", "AK", "AT"), _ACCEPTED),
    **dict.fromkeys(("RD", "RF", "RJ", "RN", "RV"), _REJECTED),
}
"""BAK02 and BCA02: what each code promises of what no ACK speaks of."""

ONLY_EXCEPTIONS = frozenset({"AE", "RF"})
"""The codes with which only the exceptions have lines."""

CHANGES = {
    **dict.fromkeys(("AI", "CA", "CT", "NC", "PC", "PQ", "QD", "QI", "RZ"), _ACCEPTED),
    "DI": _REJECTED,
}
"""POC02: what each kind of change promises of its line, once it is changed."""

PURPOSES = frozenset({"", "00", "04", "05", "06", "07", "22"})
"""BAK01 and BCA01 that are read alike: original, change, replace, confirmation, duplicate, copy."""

WITHDRAWN = frozenset({"01", "03"})
"""BAK01 and BCA01 that take an earlier document back: cancellation, delete."""
