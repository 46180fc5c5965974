"""What models learn, and from how much data."""
