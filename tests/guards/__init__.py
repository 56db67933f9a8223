"""Rules about the code itself, so that a habit cannot be broken unnoticed."""
