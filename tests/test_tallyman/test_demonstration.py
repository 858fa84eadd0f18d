"""What `tallyman up` runs where nothing is configured."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from purchasing.configuration import SourceSettings
from purchasing.notification import Notification
from purchasing.orders import Order
from purchasing.sources import all_sources
from purchasing.trust import Trust
from purchasing.updates import TrackingUpdate
from tallyman import demonstration
from tallyman.configuration import configuration_here
from tallyman.data import DataDirectory

NOW = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)


def directory(path: Path) -> DataDirectory:
    """A data directory that is there."""
    data = DataDirectory(path / "data")
    data.create()
    return data


def notification(body: bytes) -> Notification:
    """What EasyPost would post."""
    return Notification(
        id="1", source="easypost", format="easypost", received_at=NOW, body=body, path="/x"
    )


def test_its_secrets_are_its_own_and_stay(tmp_path: Path) -> None:
    """The configuration is written once, with secrets that nobody else has, for its owner alone."""
    one, other = directory(tmp_path / "1"), directory(tmp_path / "2")
    path = demonstration.write_configuration(one)
    text = path.read_text()
    assert demonstration.write_configuration(one).read_text() == text
    assert demonstration.write_configuration(other).read_text() != text
    assert path.stat().st_mode & 0o077 == 0
    configuration = configuration_here({"TALLYMAN_CONFIG": str(path)}, None)
    assert set(configuration.sources) == {"easypost"}
    assert set(configuration.internal.tokens) == {"erp"}


def test_its_notification_is_of_today(tmp_path: Path) -> None:
    """The notification speaks of a known parcel that moved within the last day."""
    file = demonstration.write_notification(directory(tmp_path), NOW)
    source = all_sources()["easypost"]
    posted = notification(file.read_bytes())
    (update,) = source.read(posted).updates
    assert isinstance(update, TrackingUpdate)
    assert update.current.at is not None
    assert timedelta() < NOW - update.current.at < timedelta(hours=1)
    assert update.estimated_delivery is not None
    assert timedelta() < update.estimated_delivery - NOW.date() < timedelta(days=5)
    assert source.delivery_key(posted).startswith("evt_")
    numbers = {
        number
        for order in demonstration._read("orders.json", NOW)
        for line in order["lines"]
        for number in line.get("tracking_numbers", ())
    }
    assert update.tracking_number in numbers


def test_its_notification_is_kept_while_it_is_fresh(tmp_path: Path) -> None:
    """The same notification is there after a restart, so that sending it again is a repetition."""
    data = directory(tmp_path)
    first = demonstration.write_notification(data, NOW).read_bytes()
    assert demonstration.write_notification(data, NOW).read_bytes() == first


def test_its_orders_are_orders(tmp_path: Path) -> None:
    """The sample orders are as the API takes them, and no line is in two of them."""
    orders = msgspec.convert(demonstration._read("orders.json", NOW), list[Order])
    assert len({order.po_number for order in orders}) == len(orders) > 1
    lines = [line.purchase_line for order in orders for line in order.lines]
    assert len(set(lines)) == len(lines)


def test_what_is_signed_for_it_is_authentic(tmp_path: Path) -> None:
    """The configured secret signs the notification as the configured source takes it."""
    data = directory(tmp_path)
    path = demonstration.write_configuration(data)
    settings = configuration_here({"TALLYMAN_CONFIG": str(path)}, None).sources["easypost"]
    assert isinstance(settings, SourceSettings)
    source = all_sources()["easypost"]
    posted = notification(demonstration.write_notification(data, NOW).read_bytes())
    trust = Trust(settings=settings)
    headers = source.sign(posted, trust, NOW)
    source.authenticate(msgspec.structs.replace(posted, headers=dict(headers)), trust, NOW)
