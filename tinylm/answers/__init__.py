"""How each question is answered: with the models and texts of a home folder."""
