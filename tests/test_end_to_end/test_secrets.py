"""That no secret is kept, logged or told."""

from tests.running import API_KEY
from tests.talking import EASYPOST_SECRET, ERP_TOKEN, SECRETS, Tallyman, order, parcel, signature

NUMBER = "1Z999AA10123456784"


def test_no_secret_is_kept_logged_or_told(tallyman: Tallyman) -> None:
    """Neither what is stored, nor a log, nor an answer holds a secret, whoever puts it where."""
    answers = [
        tallyman.erp.http.put("/v1/orders/PO-1", json=order(NUMBER)),
        tallyman.admin.notify(parcel(NUMBER, "in_transit"), authorization=f"Bearer {ERP_TOKEN}"),
        tallyman.admin.notify(parcel(NUMBER, "delivered"), **{"x-note": EASYPOST_SECRET}),
        tallyman.admin.notify(b"no JSON", **{"x-hmac-signature": EASYPOST_SECRET}),
        tallyman.admin.notify(b"no JSON", cookie=f"session={EASYPOST_SECRET}"),
        tallyman.erp.post({"event_type": "note", "po_number": "PO-1"}),
        tallyman.erp.post({"event_type": "no such type"}),
        tallyman.erp.http.get("/v1/sources"),
        tallyman.admin.http.get("/v1/sources"),
        tallyman.admin.http.get("/schema"),
    ]
    body = parcel(NUMBER, "in_transit", "delivered")
    headers = {"x-hmac-signature": signature(body), "authorization": f"Basic {ERP_TOKEN}"}
    answers += [
        tallyman.admin.http.post(f"/webhooks/{path}", content=body, headers=headers)
        for path in (f"easypost/{EASYPOST_SECRET}", f"easypost?token={EASYPOST_SECRET}")
    ]
    # One that Cofactr refuses, for the words of the refusal.
    tallyman.sandbox.fail({"status": 403})
    answers.append(tallyman.erp.post({"event_type": "note", "po_number": "PO-1"}))
    tallyman.sandbox.received(4)
    ids = tallyman.admin.listed()
    answers += [tallyman.admin.http.get(f"/v1/notifications/{each}") for each in ids]

    stored = b"".join(
        file.read_bytes() for file in sorted(tallyman.data.rglob("*")) if file.is_file()
    )
    told = "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers)
    assert NUMBER.encode() in stored
    for secret in (*SECRETS, API_KEY):
        assert secret.encode() not in stored
        assert secret not in told
        assert secret not in tallyman.guard.outputs()
