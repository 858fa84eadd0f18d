"""The RQ shell: notifications come off the queue, and Cofactr is called.

`worker` runs the rounds and the calls, `cofactr` is the only place that speaks HTTP, `jobs` holds
the names that RQ knows, and `__main__` puts it together.
"""
