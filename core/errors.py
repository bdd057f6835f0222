"""The one exception a user is meant to read."""


class LabError(Exception):
    """One plain sentence that says what is wrong and what to do. Shown as it stands; the command line exits with 2."""
