"""Errors that a person can act on: each message is one sentence that says what to do."""


class TinylmError(Exception):
    """The base class of errors that pages and the terminal show without a traceback."""


class BadRequest(TinylmError):
    """The request makes no sense: a value out of range, an unknown name, a text too short."""


class NotFound(BadRequest):
    """Something with this name or id does not exist, or has been deleted."""


class Forbidden(BadRequest):
    """The request is about something that belongs to somebody else."""


class CheckpointError(TinylmError):
    """A checkpoint is damaged, incomplete, or of a version this program does not know."""


class StorageError(TinylmError):
    """Something could not be written or read: a full disk, a folder without permission."""


class TrainingDiverged(TinylmError):
    """The loss is no longer a finite number."""


class Unreachable(TinylmError):
    """A file did not come from the internet: no connection, or something else was sent."""


class Cancelled(TinylmError):
    """A person cancelled what they had asked for."""


class PeerLost(TinylmError):
    """Another process that takes part in the same training has ended."""
