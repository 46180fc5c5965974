"""What a page may ask a worker, and what comes back: frozen types, JSON both ways, no torch."""

from tinylm.questions.base import Answer, Job, Question

__all__ = ["Answer", "Job", "Question"]
