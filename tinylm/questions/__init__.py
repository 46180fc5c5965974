"""Questions that pages ask workers, and their answers: frozen types, stored as JSON, no torch."""

from tinylm.questions.base import Answer, Job, Question

__all__ = ["Answer", "Job", "Question"]
