"""What happens inside a model while it reads."""
