"""The whole application asked from outside: every address as every role, hostile words and all."""
