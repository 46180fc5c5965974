"""Tasks that a person brings: rows of questions and answers, checked, split, kept, written down."""
