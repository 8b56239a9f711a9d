"""What can go wrong with the database through nobody's fault."""


class DatabaseUnavailable(Exception):
    """The database could not be asked, or was too busy; nothing was stored.

    Its words say which, for whoever asked.
    """


class OutcomeUnknown(Exception):
    """The answer to a commit was lost: the change may be stored or not."""


class MigrationRefused(Exception):
    """The database is not ready for the schema; the message says what an operator does next."""


class Unwritable(Exception):
    """The transaction had already failed when its commit was asked for; nothing was stored."""
