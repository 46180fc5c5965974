"""Training: everything from a run's settings to a trained model."""
