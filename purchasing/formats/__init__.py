"""Readers that several senders share; a source imports these, and never another source."""
