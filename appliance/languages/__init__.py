"""Each language is a folder of data: recorded sentences, and later prompts, phrases and formats."""
