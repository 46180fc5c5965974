"""The measured claims: what is asked of the models, and what follows from the answers."""
