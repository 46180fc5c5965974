"""Our models beside other programs and other models."""
