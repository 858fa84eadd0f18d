"""What waits for an order or a tracking number, and goes on by itself once it is known."""

from tests.talking import Tallyman, lines_of, new_number, order, parcel

NUMBER = "1Z999AA10123456784"


def test_an_unknown_parcel_goes_on_when_its_order_comes(tallyman: Tallyman) -> None:
    """A parcel that nobody knows is held, and told by itself once an order names it."""
    notification = tallyman.admin.notified(parcel(NUMBER, "in_transit"))
    held = tallyman.admin.settled(notification, "held")
    known = order(NUMBER)

    kept = tallyman.erp.put("PO-1001", known)

    assert held["reasons"] == ["unmatched"]
    assert NUMBER in held["decisions"]["held"][0]["detail"]
    assert kept["released"] == [notification]
    record = tallyman.admin.settled(notification, "delivered")
    assert record["reasons"] == []
    (body,) = tallyman.sandbox.bodies()
    assert (body["event_type"], body["purchase_lines"]) == ("shipped", lines_of(known))
    steps = [line["step"] for line in record["timeline"]]
    assert steps == [
        "received",
        "understood",
        "held",
        "understood",
        "matched",
        "decided",
        "sent",
    ]


def test_what_waited_goes_on_in_its_order(tallyman: Tallyman) -> None:
    """Several that waited for one order go on in the order in which they were taken in."""
    types = ["confirm", "shipped", "note", "delivered", "received", "invoiced"]
    waiting = [
        tallyman.erp.posted({"event_type": each, "po_number": "PO-1", "notes": str(number)})
        for number, each in enumerate(types * 3)
    ]
    for notification in waiting:
        tallyman.admin.settled(notification, "held")

    kept = tallyman.erp.put("PO-1", order())

    assert kept["released"] == waiting
    requests = tallyman.sandbox.received(len(waiting))
    assert [int(request["body"]["notes"]) for request in requests] == list(range(len(waiting)))


def test_a_parcels_words_that_waited_are_told_in_order(tallyman: Tallyman) -> None:
    """A parcel that was on its way while nobody knew it is told from its beginning to its end."""
    for scans in (["in_transit"], ["in_transit", "out_for_delivery"], ["in_transit", "delivered"]):
        tallyman.admin.settled(tallyman.admin.notified(parcel(NUMBER, *scans)), "held")

    tallyman.erp.put("PO-1", order(NUMBER))

    tallyman.sandbox.received(3)
    assert tallyman.sandbox.types() == ["shipped", "track", "delivered"]


def test_an_order_lets_only_its_own_go_on(tallyman: Tallyman) -> None:
    """An order that answers nothing that waits leaves it waiting."""
    notification = tallyman.admin.notified(parcel(NUMBER, "in_transit"))
    tallyman.admin.settled(notification, "held")

    kept = tallyman.erp.put("PO-2", order(new_number()))

    assert kept["released"] == []
    assert tallyman.admin.record(notification)["state"] == "held"


def test_what_waits_for_a_line_waits_until_the_order_has_it(tallyman: Tallyman) -> None:
    """An event for a line that its order lacks waits on, until the order is put with that line."""
    known = order(lines=2)
    short = known | {"lines": known["lines"][:1]}
    event = {"event_type": "received", "po_number": "PO-1", "line_numbers": ["2"]}
    tallyman.erp.put("PO-1", short)
    notification = tallyman.erp.posted(event)
    tallyman.admin.settled(notification, "held")

    again = tallyman.erp.put("PO-1", short)
    tallyman.admin.settled(notification, "held")
    tallyman.erp.put("PO-1", known)

    assert again["released"] == [notification]
    tallyman.admin.settled(notification, "delivered")
    (body,) = tallyman.sandbox.bodies()
    assert body["purchase_lines"] == lines_of(known)[1:]


def test_a_ship_event_binds_its_tracking_number(tallyman: Tallyman) -> None:
    """A `shipped` event with a tracking number lets a carrier's later word find the lines."""
    known = order(lines=2)
    tallyman.erp.put("PO-1", known)
    shipped = {"event_type": "shipped", "po_number": "PO-1", "line_numbers": ["2"]}

    notice = tallyman.erp.posted(shipped | {"tracking_number": NUMBER})
    tallyman.admin.settled(notice, "delivered")
    word = tallyman.admin.notified(parcel(NUMBER, "in_transit", "delivered"))
    tallyman.admin.settled(word, "delivered")

    said = [(body["event_type"], body["purchase_lines"]) for body in tallyman.sandbox.bodies()]
    # The notice said `shipped` already.
    assert said == [("shipped", lines_of(known)[1:]), ("delivered", lines_of(known)[1:])]


def test_replacing_an_order_keeps_what_was_learned(tallyman: Tallyman) -> None:
    """An order that is put again keeps the tracking numbers that notices bound to its lines."""
    known = order("1ZOWN")
    tallyman.erp.put("PO-1", known)
    notice = {"event_type": "shipped", "po_number": "PO-1", "tracking_number": NUMBER}
    tallyman.admin.settled(tallyman.erp.posted(notice), "delivered")

    tallyman.erp.put("PO-1", known)
    kept = tallyman.erp.http.get("/v1/orders/PO-1").json()
    word = tallyman.admin.notified(parcel(NUMBER, "in_transit", "delivered"))

    assert kept["lines"][0]["tracking_numbers"] == ["1ZOWN", NUMBER]
    tallyman.admin.settled(word, "delivered")
    assert tallyman.sandbox.types() == ["shipped", "delivered"]


def test_a_ship_event_lets_the_carriers_words_go_on(tallyman: Tallyman) -> None:
    """What a carrier said before the notice came is held, and goes on when the notice binds it."""
    tallyman.erp.put("PO-1", order())
    words = [
        tallyman.admin.notified(parcel(NUMBER, "in_transit")),
        tallyman.admin.notified(parcel(NUMBER, "in_transit", "delivered")),
    ]
    for word in words:
        tallyman.admin.settled(word, "held")

    tallyman.erp.posted({"event_type": "shipped", "po_number": "PO-1", "tracking_number": NUMBER})

    for word in words:
        tallyman.admin.settled(word, "delivered")
    assert tallyman.sandbox.types() == ["shipped", "track", "delivered"]


def test_an_order_that_is_taken_out_is_not_matched(tallyman: Tallyman) -> None:
    """Once an order is deleted its parcels are unknown again."""
    tallyman.erp.put("PO-1", order(NUMBER))

    gone = tallyman.erp.http.delete("/v1/orders/PO-1")
    notification = tallyman.admin.notified(parcel(NUMBER, "in_transit"))

    assert gone.status_code == 204
    assert tallyman.erp.http.get("/v1/orders/PO-1").status_code == 404
    tallyman.admin.settled(notification, "held")
