"""What the experiments measure, a module for each: `measure(question, home) -> Measured`."""
