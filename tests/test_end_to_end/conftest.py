"""One Tallyman for all of these tests, all of it real; each test finds it empty."""

from collections.abc import Iterator

import pytest

from tests.talking import ACCESS, EASYPOST, Tallyman

DEFAULT_ORG = "00000000-0000-4000-8000-0000000000d0"
SOURCE_ORG = "00000000-0000-4000-8000-0000000000e0"

CONFIGURATION = f"""
[cofactr]
org_id = "{DEFAULT_ORG}"
requests_per_second = 5000
timeout_seconds = 10

{ACCESS}

[sources.easypost]
{EASYPOST}

[sources.fedex]
format = "fedex"
secrets = ["${{FEDEX_TOKEN}}"]

[sources.acme]
format = "mapped"
secrets = ["${{ACME_SECRET}}"]
hmac = {{header = "X-Acme-Signature", prefix = "sha256="}}

[[sources.acme.mapped]]
says = "confirmation"
when = "type == 'confirmation'"
lines = "lines"
document = {{number = "id", po_number = "order"}}
meanings = {{YES = "accepted", NO = "rejected"}}

[sources.acme.mapped.line]
line_number = "line"
promise = "answer"
quantity = "pieces"
expected_ship_by = "leaves"

[[sources.acme.mapped]]
says = "ship_notice"
when = "type == 'despatch'"
lines = "lines"
document = {{number = "id", po_number = "order", tracking_numbers = "parcel"}}

[sources.acme.mapped.line]
line_number = "line"
quantity = "pieces"
mfg_lot = "lot"
date_code = "code"
coo = "origin"

[[sources.acme.mapped]]
says = "invoice"
when = "type == 'invoice'"
lines = "lines"

[sources.acme.mapped.document]
number = "id"
po_number = "order"
total = "total"
currency = "currency"
tax = "vat"
shipping = "freight"
discount = "rebate"

[sources.acme.mapped.line]
line_number = "line"
total = "amount"
quantity = "pieces"

[sources.ups]
format = "ups"
secrets = ["${{UPS_CREDENTIAL}}"]

[sources.millrace-cxml]
format = "cxml"
secrets = ["${{SUPPLIER_SECRET}}"]

[sources.millrace-x12]
format = "x12"
secrets = ["${{SUPPLIER_SECRET}}"]

[sources.millrace-ubl]
format = "ubl"
secrets = ["${{SUPPLIER_SECRET}}"]

[sources.easypost-too]
{EASYPOST}

[sources.easypost-eu]
org_id = "{SOURCE_ORG}"
{EASYPOST}
"""


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tallyman]:
    """A Tallyman, as it is started once."""
    tallyman = Tallyman(tmp_path_factory.mktemp("tallyman"), CONFIGURATION)
    try:
        tallyman.work()
        yield tallyman
    finally:
        tallyman.close()


@pytest.fixture
def tallyman(running: Tallyman) -> Tallyman:
    """A Tallyman that knows nothing yet."""
    running.forget()
    return running
