"""The jobs that RQ knows by name.

`workers/worker.py` runs them, many at a time on one event loop; RQ's own workers cannot.
"""


def translate(notification_id: str) -> None:
    """Translate one notification; only `tallyman work` can.

    Raises:
        RuntimeError: Always: an RQ worker of another kind took the job, which is then kept as
            failed, and `rq requeue` gives it back.
    """
    message = (
        f"notification {notification_id} is translated by `tallyman work`; "
        "stop the other RQ worker on this queue and requeue the job"
    )
    raise RuntimeError(message)
