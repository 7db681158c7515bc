"""From events to messages: which are told to whom, and that they arrive."""
