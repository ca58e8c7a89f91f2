"""Grading: many submissions against one problem, each in a process that can be killed, and every row kept at once."""
