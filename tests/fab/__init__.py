"""Tests of app.fab."""
