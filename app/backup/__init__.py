"""Backup and restore: one sealed archive of everything, and an office back from it."""
