"""How fast this machine trains, samples and scores: ours beside Hugging Face's GPT-2."""
