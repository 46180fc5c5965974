"""How fast tinylm trains, samples and scores on this machine, beside Hugging Face's GPT-2."""
