"""What the levels of X12's 856 say of goods: tracking numbers, carrier, lots, origin.

Source: 856 of 004010 as SAP Business Network's map and its changes for single buyers read it; the
order of the places of a tracking number is that of the translation rules (read 2026-11).
"""

from purchasing.errors import MalformedError
from purchasing.formats.x12_elements import Segments, first, pairs

MOST_LOTS = 20
"""How many lots of one item are told."""

_MOST_NUMBERS = 200
_OF_A_BATCH = frozenset(
    {
        "batchQuantity",
        "expirationDate",
        "inspectionDate",
        "originCountryCode",
        "productionDate",
        "shelfLife",
    }
)
"""REF02 where REF*BT is not the number of a batch but says something of it (SAP's map)."""


def tracking_numbers(path: list[Segments], under: list[Segments]) -> tuple[str, ...]:
    """The numbers of the level itself, else of those below it, else of the nearest above."""
    together = [number for it in under for number in _numbers(it)]
    candidates = (_numbers(path[0]), together, *(_numbers(it) for it in path[1:]))
    chosen = tuple(dict.fromkeys(next((found for found in candidates if found), [])))
    if len(chosen) > _MOST_NUMBERS:
        message = f"The goods have more than {_MOST_NUMBERS} tracking numbers."
        raise MalformedError(message)
    return chosen


def _numbers(segments: Segments) -> list[str]:
    """REF*2I, then REF*CN, then MAN*CP, then TD508 behind TD507 = ZZ; a REF*BM is none."""
    found = [
        *(it.at(2) for it in segments if it.name == "REF" and it.at(1) == "2I"),
        *(it.at(2) for it in segments if it.name == "REF" and it.at(1) == "CN"),
        *(
            it.at(place + 1)
            for it in segments
            for place in (1, 4)
            if it.name == "MAN" and it.at(place) == "CP"
        ),
        *(it.at(8) for it in segments if it.name == "TD5" and it.at(7) == "ZZ"),
    ]
    return [number for number in found if number]


def carrier(levels: list[Segments]) -> tuple[str, str]:
    """The carrier of the nearest TD5 and its service: the SCAC, and the routing in words."""
    td5 = next((td5 for it in levels if (td5 := first(it, "TD5")).elements), first((), "TD5"))
    carrier = td5.at(3) or td5.at(5)
    service = td5.at(5) if td5.at(5) != carrier else ""
    return carrier, service or td5.at(12)


def lots(levels: list[Segments]) -> list[str]:
    """The supplier's lots and then the buyer's names of them, each once."""
    found: dict[str, None] = {}
    for segments in levels:
        names = pairs(first(segments, "LIN"), 2)
        batches = (
            it.at(2)
            for it in segments
            if it.name == "REF" and it.at(1) in ("BT", "LT") and it.at(2) not in _OF_A_BATCH
        )
        found.update(dict.fromkeys((names.get("B8", ""), names.get("LT", ""), *batches)))
    return [lot for lot in found if lot]


def origin(levels: list[Segments]) -> tuple[str, str]:
    """The country of origin in two letters; or else as it is written, as the second."""
    for segments in levels:
        marks = (it for it in segments if it.name in ("MAN", "REF"))
        written = pairs(first(segments, "LIN"), 2).get("CH") or next(
            (
                it.at(3)
                for it in marks
                if (it.at(1), it.at(2)) in (("L", "COO"), ("BT", "originCountryCode"))
            ),
            "",
        )
        if written:
            is_code = len(written) == 2 and written.isascii() and written.isalpha()  # noqa: PLR2004  # ISO 3166-1 alpha-2
            return (written.upper(), "") if is_code else ("", written)
    return "", ""
