"""Functions that answer questions, with the models and texts of a home folder."""
