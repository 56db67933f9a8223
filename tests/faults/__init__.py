"""Faults put into the running office on purpose: nothing acknowledged is lost, doubled or half."""
