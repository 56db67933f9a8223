"""Tests of app.actions."""
