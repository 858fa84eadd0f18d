"""The core of Tallyman: values and pure functions, with no I/O, no clock and no environment.

Read in this order to follow a notification: `notification` (what was posted), `sources` (who posts
it, and what it says), `updates` (what was understood), `matching` (which purchase lines it speaks
of), `planning` (what Cofactr is told, and why), `commands` (the calls, exactly as they go on the
wire), `outcomes` and `retrying` (what became of a call, and what happens next).
"""
