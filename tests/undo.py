"""A transaction that a test takes back by itself."""


class Undo(Exception):
    pass
