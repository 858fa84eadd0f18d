"""The same service built in the usual ways, each as its documentation advises.

`job` is the work itself, the same for all of them; a file beside it is one whole stack.
"""
