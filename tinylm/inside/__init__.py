"""What a model does while it reads."""
