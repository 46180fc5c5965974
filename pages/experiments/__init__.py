"""All experiments: questions that go deeper than the lessons, each with a recorded result."""
