"""The answers that sources give, as HTTP."""

from litestar import Response

from purchasing.answers import Answer


def as_response(answer: Answer) -> Response[bytes]:
    """An answer as it goes out; its content type is given whole, and nothing is added to it."""
    headers = {"content-type": answer.content_type, **answer.headers}
    return Response(answer.body, status_code=answer.status, headers=headers)
